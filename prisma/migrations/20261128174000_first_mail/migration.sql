-- AlterTable
ALTER TABLE "endpoint_health" ADD COLUMN     "ceased_until" TIMESTAMPTZ(3),
ADD COLUMN     "is_looked_at" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "notifications" ADD COLUMN     "early_since" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "endpoint_health_is_looked_at_failing_since_idx" ON "endpoint_health"("is_looked_at", "failing_since");
