-- The types of notifications are a table of lib/notifications/schema.ts: a new one needs no migration.
ALTER TABLE "notification_windows" ALTER COLUMN "type" TYPE TEXT USING "type"::text;
ALTER TABLE "notifications" ALTER COLUMN "type" TYPE TEXT USING "type"::text;
ALTER TABLE "tellings" ALTER COLUMN "type" TYPE TEXT USING "type"::text;
ALTER TABLE "mail_preferences" ALTER COLUMN "muted_types" TYPE TEXT[] USING "muted_types"::text[];

-- DropEnum
DROP TYPE "notification_type";
