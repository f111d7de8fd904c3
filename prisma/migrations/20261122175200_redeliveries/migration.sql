-- CreateEnum
CREATE TYPE "redelivery_job_state" AS ENUM ('running', 'done', 'cancelled', 'stopped');

-- CreateTable
CREATE TABLE "superseded_deliveries" (
    "webhook_id" UUID NOT NULL,
    "attempt" SMALLINT NOT NULL,
    "superseded_at" TIMESTAMPTZ(3) NOT NULL,
    "channel_id" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "url" TEXT,
    "status_code" SMALLINT,
    "phases" JSONB,

    CONSTRAINT "superseded_deliveries_pkey" PRIMARY KEY ("webhook_id","attempt","superseded_at")
) PARTITION BY RANGE ("superseded_at");

-- CreateTable
CREATE TABLE "redelivery_jobs" (
    "id" UUID NOT NULL,
    "channel_id" TEXT NOT NULL,
    "created_by_id" UUID,
    "state" "redelivery_job_state" NOT NULL DEFAULT 'running',
    "stop_reason" TEXT,
    "filter" JSONB NOT NULL,
    "from_at" TIMESTAMPTZ(3) NOT NULL,
    "to_at" TIMESTAMPTZ(3) NOT NULL,
    "rate_per_second" SMALLINT NOT NULL,
    "expected_count" INTEGER,
    "matched_count" INTEGER NOT NULL DEFAULT 0,
    "redelivered_count" INTEGER NOT NULL DEFAULT 0,
    "waiting_count" INTEGER NOT NULL DEFAULT 0,
    "taken_count" INTEGER NOT NULL DEFAULT 0,
    "cursor_id" UUID,
    "next_step_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "redelivery_jobs_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "redelivery_jobs_channel_id_created_at_idx" ON "redelivery_jobs"("channel_id", "created_at");

-- CreateIndex
CREATE INDEX "redelivery_jobs_state_idx" ON "redelivery_jobs"("state");

-- CreateIndex
CREATE INDEX "webhooks_undelivered_idx" ON "webhooks"("channel_id", "accepted_at", "id") WHERE (state <> 'delivered');

-- AddForeignKey
ALTER TABLE "redelivery_jobs" ADD CONSTRAINT "redelivery_jobs_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "redelivery_jobs" ADD CONSTRAINT "redelivery_jobs_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- By hand from here: what Prisma does not know.

CREATE TABLE "superseded_deliveries_default" PARTITION OF "superseded_deliveries" DEFAULT;
