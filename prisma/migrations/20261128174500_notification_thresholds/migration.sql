-- AlterTable
ALTER TABLE "tellings" ADD COLUMN     "held_since" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "notification_thresholds" (
    "channel_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "value" INTEGER NOT NULL,
    "counted_from" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "notification_thresholds_pkey" PRIMARY KEY ("channel_id")
);

-- CreateTable
CREATE TABLE "attempt_starts" (
    "id" BIGSERIAL NOT NULL,
    "channel_id" TEXT NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,
    "starts" TIMESTAMPTZ(3)[],

    CONSTRAINT "attempt_starts_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "attempt_starts_channel_id_last_at_idx" ON "attempt_starts"("channel_id", "last_at");

-- CreateIndex
CREATE INDEX "attempt_starts_last_at_idx" ON "attempt_starts"("last_at");

-- AddForeignKey
ALTER TABLE "notification_thresholds" ADD CONSTRAINT "notification_thresholds_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;
