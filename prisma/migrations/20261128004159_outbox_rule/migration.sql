-- AlterEnum
ALTER TYPE "mail_state" ADD VALUE 'bounced' AFTER 'sent';

-- AlterTable
ALTER TABLE "mails" ADD COLUMN     "bounced_at" TIMESTAMPTZ(3),
ADD COLUMN     "queued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "trouble" TEXT;

-- CreateTable
CREATE TABLE "address_refusals" (
    "id" BIGSERIAL NOT NULL,
    "address_key" TEXT NOT NULL,
    "mail_id" UUID NOT NULL,
    "refused_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "address_refusals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mail_notices" (
    "kind" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "answer" TEXT NOT NULL,

    CONSTRAINT "mail_notices_pkey" PRIMARY KEY ("kind")
);

-- CreateTable
CREATE TABLE "bounce_mailbox" (
    "name" TEXT NOT NULL,
    "uid_validity" BIGINT NOT NULL,
    "last_uid" BIGINT NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bounce_mailbox_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE INDEX "address_refusals_address_key_refused_at_idx" ON "address_refusals"("address_key", "refused_at");

-- CreateIndex
CREATE INDEX "address_refusals_refused_at_idx" ON "address_refusals"("refused_at");

-- What waits has waited since it was written.
UPDATE "mails" SET "queued_at" = "created_at" WHERE "state" IN ('queued', 'sending');

-- Addresses were stopped for any 5.1.x, and for plain 550, 551 and 553: those are about senders and policies, too.
DELETE FROM "suppressed_addresses" WHERE "answer" !~ '^[0-9]{3}[ -]5\.1\.(1|2|3|6|10)([^0-9.]|$)';
