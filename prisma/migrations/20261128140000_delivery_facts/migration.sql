-- AlterTable
ALTER TABLE "webhooks" ADD COLUMN     "detail" TEXT,
ADD COLUMN     "likely_cause" TEXT,
ADD COLUMN     "reason" "error_reason";

-- CreateTable
CREATE TABLE "webhook_sources" (
    "channel_id" TEXT NOT NULL,
    "source_id" TEXT NOT NULL,
    "accepted_at" TIMESTAMPTZ(3) NOT NULL,
    "webhook_id" UUID NOT NULL,

    CONSTRAINT "webhook_sources_pkey" PRIMARY KEY ("channel_id","source_id","accepted_at","webhook_id")
) PARTITION BY RANGE ("accepted_at");

-- By hand from here: what Prisma does not know.

CREATE TABLE "webhook_sources_default" PARTITION OF "webhook_sources" DEFAULT;
