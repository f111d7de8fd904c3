-- AlterTable
ALTER TABLE "notifications" ADD COLUMN     "mailed_at" TIMESTAMPTZ(3),
ADD COLUMN     "thread_id" UUID;

-- AlterTable
ALTER TABLE "mails" ADD COLUMN     "uncertain_at" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "notifications_mailed_at_closed_at_idx" ON "notifications"("mailed_at", "closed_at");
