-- AlterEnum
ALTER TYPE "notification_type" ADD VALUE 'endpoint_failing';

-- CreateTable
CREATE TABLE "endpoint_health" (
    "channel_id" TEXT NOT NULL,
    "failing_since" TIMESTAMPTZ(3),
    "last_failure_at" TIMESTAMPTZ(3) NOT NULL,
    "failed_count" INTEGER NOT NULL,
    "reason" "error_reason" NOT NULL,
    "detail" TEXT NOT NULL,
    "judged_until" TIMESTAMPTZ(3),
    "is_settled" BOOLEAN NOT NULL DEFAULT false,
    "warned_percent" SMALLINT NOT NULL DEFAULT 0,
    "suspended_at" TIMESTAMPTZ(3),
    "recovered_at" TIMESTAMPTZ(3),
    "recovered_since" TIMESTAMPTZ(3),
    "recovered_count" INTEGER,

    CONSTRAINT "endpoint_health_pkey" PRIMARY KEY ("channel_id")
);

-- CreateIndex
CREATE INDEX "endpoint_health_failing_since_idx" ON "endpoint_health"("failing_since");
