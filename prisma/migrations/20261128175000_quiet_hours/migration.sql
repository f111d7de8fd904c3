-- When no error mails come to a person, or to a channel's own address.
CREATE TABLE "quiet_hours" (
    "id" UUID NOT NULL,
    "user_id" UUID,
    "channel_id" TEXT,
    "begins_at" SMALLINT NOT NULL,
    "ends_at" SMALLINT NOT NULL,
    "weekdays" SMALLINT[],
    "time_zone" TEXT,
    "outages_come" BOOLEAN NOT NULL,

    CONSTRAINT "quiet_hours_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "quiet_hours_user_id_key" ON "quiet_hours"("user_id");
CREATE UNIQUE INDEX "quiet_hours_channel_id_key" ON "quiet_hours"("channel_id");
ALTER TABLE "quiet_hours" ADD CONSTRAINT "quiet_hours_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "quiet_hours" ADD CONSTRAINT "quiet_hours_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What quiet hours hold is passed over by the writer of mails, which asks once a second.
ALTER TABLE "notices" ADD COLUMN "look_again_at" TIMESTAMPTZ(3);
DROP INDEX "notices_told_at_address_key_idx";
CREATE INDEX "notices_told_at_look_again_at_address_key_idx" ON "notices"("told_at", "look_again_at", "address_key");
