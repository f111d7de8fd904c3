-- CreateTable
CREATE TABLE "channel_tokens" (
    "id" UUID NOT NULL,
    "channel_id" TEXT NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "hint" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ends_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "channel_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "channel_tokens_token_hash_key" ON "channel_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "channel_tokens_channel_id_idx" ON "channel_tokens"("channel_id");

-- AddForeignKey
ALTER TABLE "channel_tokens" ADD CONSTRAINT "channel_tokens_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;
