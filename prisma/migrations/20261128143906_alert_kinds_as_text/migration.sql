-- DropIndex
DROP INDEX "alerts_target_id_idx";

-- The kinds of alert targets are a table of lib/notifications/alert-kinds.ts: a new one needs no migration.
ALTER TABLE "alert_targets" ALTER COLUMN "kind" TYPE TEXT USING "kind"::text;

-- AlterTable
ALTER TABLE "alerts" ADD COLUMN     "answer" TEXT,
ADD COLUMN     "status_code" SMALLINT,
ADD COLUMN     "tried_at" TIMESTAMPTZ(3);

-- DropEnum
DROP TYPE "alert_kind";

-- CreateIndex
CREATE INDEX "alerts_target_id_created_at_idx" ON "alerts"("target_id", "created_at");
