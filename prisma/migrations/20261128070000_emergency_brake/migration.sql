-- What waits is cancelled by one small write, and ended some at a time afterwards (docs/decisions/0023).
ALTER TABLE "channels" ADD COLUMN     "first_epoch" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "redelivery_epoch" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "webhook_queue" ADD COLUMN     "epoch" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "set_aside_webhooks" ADD COLUMN     "epoch" INTEGER NOT NULL DEFAULT 0;

-- DropIndex
DROP INDEX "webhook_queue_channel_id_lane_due_at_idx";

-- Equal keys share one entry of an index, and such an entry is known as dead only when all its rows are: a few webhooks that hang
-- kept those delivered around them in every claim's way. With the id no two keys are equal, and a claim reads in its order.
CREATE INDEX "webhook_queue_channel_id_lane_epoch_due_at_id_idx" ON "webhook_queue"("channel_id", "lane", "epoch", "due_at", "id");

-- CreateTable
CREATE TABLE "cancellations" (
    "channel_id" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_count" INTEGER NOT NULL DEFAULT 0,
    "expected_count" INTEGER,
    "cursor_lane" SMALLINT,
    "cursor_epoch" INTEGER,
    "cursor_at" TIMESTAMPTZ(3),
    "next_step_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "cancellations_pkey" PRIMARY KEY ("channel_id")
);

-- CreateIndex
CREATE INDEX "cancellations_next_step_at_idx" ON "cancellations"("next_step_at");

-- CreateIndex
CREATE INDEX "alerts_target_id_idx" ON "alerts"("target_id");
