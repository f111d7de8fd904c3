-- A notification is settled also where no mail goes out: the column says what it holds.
ALTER TABLE "notifications" RENAME COLUMN "mailed_at" TO "settled_at";
ALTER INDEX "notifications_mailed_at_closed_at_idx" RENAME TO "notifications_settled_at_closed_at_idx";
