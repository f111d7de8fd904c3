-- AlterTable
ALTER TABLE "webhook_queue" ADD COLUMN     "defect" TEXT,
ADD COLUMN     "unrecorded_count" SMALLINT NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "set_aside_webhooks" (
    "id" UUID NOT NULL,
    "channel_id" TEXT NOT NULL,
    "lane" SMALLINT NOT NULL,
    "attempt" SMALLINT NOT NULL,
    "failures" SMALLINT NOT NULL,
    "unrecorded_count" SMALLINT NOT NULL,
    "defect" TEXT,
    "event_count" SMALLINT NOT NULL,
    "set_aside_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "body" TEXT NOT NULL,

    CONSTRAINT "set_aside_webhooks_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "set_aside_webhooks_channel_id_idx" ON "set_aside_webhooks"("channel_id");
