-- Since when a channel is shown as failing, and how many deliveries are missing until it is shown as well again (docs/decisions/0028).
ALTER TABLE "endpoint_health" ADD COLUMN "shown_since" TIMESTAMPTZ(3), ADD COLUMN "good_left" SMALLINT NOT NULL DEFAULT 0;
UPDATE "endpoint_health" SET "shown_since" = "failing_since", "good_left" = 3
 WHERE "failed_count" >= 5 AND "last_failure_at" - "failing_since" >= interval '60 seconds';
CREATE INDEX "endpoint_health_shown_since_idx" ON "endpoint_health"("shown_since");
