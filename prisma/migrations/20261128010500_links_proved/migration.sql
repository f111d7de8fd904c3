-- AlterTable
ALTER TABLE "external_accounts" ADD COLUMN     "proved_at" TIMESTAMPTZ(3);

-- Of links of before it is known only that those with which an account was made came about by a checked mailbox.
UPDATE "external_accounts" l SET "proved_at" = l."created_at"
  FROM "users" u WHERE u."id" = l."user_id" AND l."created_at" < u."created_at" + interval '1 minute';
