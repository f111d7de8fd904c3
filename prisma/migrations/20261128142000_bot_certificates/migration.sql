-- CreateTable
CREATE TABLE "bot_certificates" (
    "channel_id" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "not_before" TIMESTAMPTZ(3) NOT NULL,
    "not_after" TIMESTAMPTZ(3) NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,
    "next_tell_at" TIMESTAMPTZ(3),

    CONSTRAINT "bot_certificates_pkey" PRIMARY KEY ("channel_id","fingerprint")
);

-- CreateIndex
CREATE INDEX "bot_certificates_next_tell_at_idx" ON "bot_certificates"("next_tell_at");

-- CreateIndex
CREATE INDEX "bot_certificates_seen_at_idx" ON "bot_certificates"("seen_at");

-- AddForeignKey
ALTER TABLE "bot_certificates" ADD CONSTRAINT "bot_certificates_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;
