-- What became of each webhook that a redelivery job queued: it is followed until it has ended.
-- No foreign key: a job may have queued any number, and whoever deletes it, or its channel, would wait for all of them.
CREATE TABLE "redelivery_job_webhooks" (
    "job_id" UUID NOT NULL,
    "webhook_id" UUID NOT NULL,
    "outcome" TEXT,

    CONSTRAINT "redelivery_job_webhooks_pkey" PRIMARY KEY ("job_id","webhook_id")
);
CREATE INDEX "redelivery_job_webhooks_open_idx" ON "redelivery_job_webhooks"("job_id", "webhook_id") WHERE outcome IS NULL;
ALTER TABLE "redelivery_jobs"
    ADD COLUMN "is_followed" BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN "delivered_count" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "failed_count" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "cancelled_count" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "follow_cursor" UUID,
    ADD COLUMN "next_follow_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
CREATE INDEX "redelivery_jobs_open_idx" ON "redelivery_jobs"("next_follow_at")
 WHERE is_followed AND redelivered_count > delivered_count + failed_count + cancelled_count;
