-- AlterTable
ALTER TABLE "webhooks" ADD COLUMN     "doubt" TEXT;

-- AlterTable
ALTER TABLE "superseded_deliveries" ADD COLUMN     "doubt" TEXT;

-- CreateTable
CREATE TABLE "delivered_answers" (
    "webhook_id" UUID NOT NULL,
    "attempt" SMALLINT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "channel_id" TEXT NOT NULL,
    "response_headers" JSONB NOT NULL,
    "response_body" BYTEA NOT NULL,

    CONSTRAINT "delivered_answers_pkey" PRIMARY KEY ("webhook_id","attempt","started_at")
) PARTITION BY RANGE ("started_at");

-- CreateIndex
CREATE INDEX "webhooks_doubtful_idx" ON "webhooks"("channel_id", "accepted_at", "id") WHERE (doubt IS NOT NULL);

-- By hand from here: what Prisma does not know.

CREATE TABLE "delivered_answers_default" PARTITION OF "delivered_answers" DEFAULT;
