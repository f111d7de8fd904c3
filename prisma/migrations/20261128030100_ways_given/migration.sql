-- AlterTable
ALTER TABLE "channel_tokens" ADD COLUMN     "issued_by_id" UUID;

-- AlterTable
ALTER TABLE "platform_keys" ADD COLUMN     "created_by_id" UUID;

-- Who made those of before stands in the audit log, as far back as it is kept.
UPDATE "platform_keys" k SET "created_by_id" = u."id"
  FROM "audit_entries" a JOIN "users" u ON u."id"::text = a."actor_id"
 WHERE a."action" = 'platform_key_created' AND a."result" = 'done' AND a."actor_kind" = 'user' AND a."target_id" = k."id"::text;

UPDATE "channel_tokens" t SET "issued_by_id" = (
  SELECT u."id" FROM "audit_entries" a JOIN "users" u ON u."id"::text = a."actor_id"
   WHERE a."channel_id" = t."channel_id" AND a."action" = 'channel_token_issued' AND a."result" = 'done'
     AND a."actor_kind" = 'user' AND a."at" BETWEEN t."created_at" - interval '1 minute' AND t."created_at" + interval '1 minute'
   ORDER BY abs(extract(epoch FROM a."at" - t."created_at")) LIMIT 1);

-- CreateIndex
CREATE INDEX "channel_tokens_issued_by_id_idx" ON "channel_tokens"("issued_by_id");

-- CreateIndex
CREATE INDEX "platform_keys_created_by_id_idx" ON "platform_keys"("created_by_id");

-- AddForeignKey
ALTER TABLE "channel_tokens" ADD CONSTRAINT "channel_tokens_issued_by_id_fkey" FOREIGN KEY ("issued_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "platform_keys" ADD CONSTRAINT "platform_keys_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
