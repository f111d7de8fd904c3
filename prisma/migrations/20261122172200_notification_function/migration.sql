-- CreateEnum
CREATE TYPE "grant_state" AS ENUM ('pending', 'approved', 'rejected', 'withdrawn');

-- CreateEnum
CREATE TYPE "alert_kind" AS ENUM ('webhook', 'slack');

-- CreateEnum
CREATE TYPE "alert_state" AS ENUM ('queued', 'sending', 'sent', 'failed');

-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "notification_type" ADD VALUE 'recovered';
ALTER TYPE "notification_type" ADD VALUE 'test';

-- AlterEnum
ALTER TYPE "mail_state" ADD VALUE 'suppressed';

-- AlterTable
ALTER TABLE "channels" ADD COLUMN     "email_verified_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "endpoint_health" ADD COLUMN     "recovery_told_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "notifications" ADD COLUMN     "held_count" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "reminds_of" TIMESTAMPTZ(3),
ADD COLUMN     "untold" TEXT;

-- AlterTable
ALTER TABLE "mails" ADD COLUMN     "kind" TEXT NOT NULL DEFAULT 'notification',
ADD COLUMN     "unsubscribe_url" TEXT;

-- CreateTable
CREATE TABLE "notices" (
    "id" UUID NOT NULL,
    "notification_id" UUID NOT NULL,
    "channel_id" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "address_key" TEXT NOT NULL,
    "locale" TEXT NOT NULL,
    "time_zone" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "told_at" TIMESTAMPTZ(3),
    "mail_id" UUID,

    CONSTRAINT "notices_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mail_orders" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "channel_id" TEXT,
    "recipient" TEXT NOT NULL,
    "locale" TEXT NOT NULL,
    "time_zone" TEXT,
    "params" JSONB NOT NULL,
    "once_key" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "written_at" TIMESTAMPTZ(3),

    CONSTRAINT "mail_orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notification_grants" (
    "id" UUID NOT NULL,
    "channel_id" TEXT NOT NULL,
    "state" "grant_state" NOT NULL DEFAULT 'pending',
    "company" TEXT NOT NULL,
    "contact" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "applied_by_id" UUID,
    "applied_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_by_id" UUID,
    "decided_at" TIMESTAMPTZ(3),
    "decision_note" TEXT,
    "holds_channel" TEXT,

    CONSTRAINT "notification_grants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mail_preferences" (
    "channel_id" TEXT NOT NULL,
    "address_key" TEXT NOT NULL,
    "muted_types" "notification_type"[],
    "weekly_digest" BOOLEAN NOT NULL DEFAULT false,
    "unsubscribed_at" TIMESTAMPTZ(3),

    CONSTRAINT "mail_preferences_pkey" PRIMARY KEY ("channel_id","address_key")
);

-- CreateTable
CREATE TABLE "suppressed_addresses" (
    "address_key" TEXT NOT NULL,
    "suppressed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "answer" TEXT NOT NULL,

    CONSTRAINT "suppressed_addresses_pkey" PRIMARY KEY ("address_key")
);

-- CreateTable
CREATE TABLE "alert_targets" (
    "id" UUID NOT NULL,
    "channel_id" TEXT NOT NULL,
    "kind" "alert_kind" NOT NULL,
    "name" TEXT NOT NULL,
    "sealed_url" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "sealed_secret" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_sent_at" TIMESTAMPTZ(3),
    "last_failed_at" TIMESTAMPTZ(3),
    "last_error" TEXT,

    CONSTRAINT "alert_targets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts" (
    "id" UUID NOT NULL,
    "target_id" UUID NOT NULL,
    "channel_id" TEXT NOT NULL,
    "notification_id" UUID,
    "body" TEXT NOT NULL,
    "state" "alert_state" NOT NULL DEFAULT 'queued',
    "attempts" SMALLINT NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(3),

    CONSTRAINT "alerts_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "notices_told_at_address_key_idx" ON "notices"("told_at", "address_key");

-- CreateIndex
CREATE INDEX "notices_address_key_told_at_idx" ON "notices"("address_key", "told_at");

-- CreateIndex
CREATE INDEX "notices_mail_id_idx" ON "notices"("mail_id");

-- CreateIndex
CREATE UNIQUE INDEX "notices_notification_id_address_key_key" ON "notices"("notification_id", "address_key");

-- CreateIndex
CREATE UNIQUE INDEX "mail_orders_once_key_key" ON "mail_orders"("once_key");

-- CreateIndex
CREATE INDEX "mail_orders_written_at_created_at_idx" ON "mail_orders"("written_at", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "notification_grants_holds_channel_key" ON "notification_grants"("holds_channel");

-- CreateIndex
CREATE INDEX "notification_grants_channel_id_applied_at_idx" ON "notification_grants"("channel_id", "applied_at");

-- CreateIndex
CREATE INDEX "notification_grants_state_applied_at_idx" ON "notification_grants"("state", "applied_at");

-- CreateIndex
CREATE INDEX "mail_preferences_address_key_idx" ON "mail_preferences"("address_key");

-- CreateIndex
CREATE INDEX "suppressed_addresses_suppressed_at_idx" ON "suppressed_addresses"("suppressed_at");

-- CreateIndex
CREATE INDEX "alert_targets_channel_id_idx" ON "alert_targets"("channel_id");

-- CreateIndex
CREATE INDEX "alerts_state_due_at_idx" ON "alerts"("state", "due_at");

-- CreateIndex
CREATE INDEX "alerts_channel_id_created_at_idx" ON "alerts"("channel_id", "created_at");

-- CreateIndex
CREATE INDEX "alerts_created_at_idx" ON "alerts"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "alerts_notification_id_target_id_key" ON "alerts"("notification_id", "target_id");

-- CreateIndex
CREATE INDEX "endpoint_health_recovered_at_idx" ON "endpoint_health"("recovered_at");

-- CreateIndex
CREATE INDEX "mails_created_at_idx" ON "mails"("created_at");

-- AddForeignKey
ALTER TABLE "notices" ADD CONSTRAINT "notices_notification_id_fkey" FOREIGN KEY ("notification_id") REFERENCES "notifications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notices" ADD CONSTRAINT "notices_mail_id_fkey" FOREIGN KEY ("mail_id") REFERENCES "mails"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notification_grants" ADD CONSTRAINT "notification_grants_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notification_grants" ADD CONSTRAINT "notification_grants_applied_by_id_fkey" FOREIGN KEY ("applied_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notification_grants" ADD CONSTRAINT "notification_grants_decided_by_id_fkey" FOREIGN KEY ("decided_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mail_preferences" ADD CONSTRAINT "mail_preferences_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alert_targets" ADD CONSTRAINT "alert_targets_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "alert_targets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_notification_id_fkey" FOREIGN KEY ("notification_id") REFERENCES "notifications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Channels from before addresses were confirmed got mails and go on getting them.
UPDATE "channels" SET "email_verified_at" = now();
