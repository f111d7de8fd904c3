-- Null, for errors stored before: the first failure when its attempt is 1.
ALTER TABLE "webhook_errors" ADD COLUMN     "is_first" BOOLEAN;
