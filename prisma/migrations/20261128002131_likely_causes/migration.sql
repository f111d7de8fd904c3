-- AlterTable
ALTER TABLE "webhook_attempts" ADD COLUMN     "likely_cause" TEXT,
ADD COLUMN     "seen" JSONB;

-- AlterTable
ALTER TABLE "webhook_errors" ADD COLUMN     "likely_cause" TEXT;
