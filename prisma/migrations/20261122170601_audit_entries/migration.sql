-- CreateTable
CREATE TABLE "audit_entries" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "action" TEXT NOT NULL,
    "result" TEXT NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT,
    "actor_name" TEXT NOT NULL,
    "address" TEXT,
    "user_agent" TEXT,
    "channel_id" TEXT,
    "provider_id" TEXT,
    "target_kind" TEXT,
    "target_id" TEXT,
    "target_name" TEXT,
    "before" JSONB,
    "after" JSONB,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "audit_entries_channel_id_id_idx" ON "audit_entries"("channel_id", "id");

-- CreateIndex
CREATE INDEX "audit_entries_provider_id_id_idx" ON "audit_entries"("provider_id", "id");

-- CreateIndex
CREATE INDEX "audit_entries_at_idx" ON "audit_entries"("at");

-- By hand from here: what Prisma does not know.

-- Nobody changes an entry, whoever asks: the product may own its tables (the embedded database has one role), so rights alone
-- would not hold it. Entries go only when a transaction says so on purpose (lib/audit/forget-old.ts), and never young ones.
-- The driver adapter cuts a migration at each semicolon, hence \x3B within the body.
CREATE FUNCTION "audit_entries_stay"() RETURNS trigger LANGUAGE plpgsql AS E'
BEGIN
  IF TG_OP = \'DELETE\' AND current_setting(\'tocsin.forget_audit\', true) = \'on\' AND OLD.at < now() - interval \'30 days\' THEN
    RETURN OLD\x3B
  END IF\x3B
  RAISE EXCEPTION \'audit_entries is append-only: % refused\', TG_OP USING ERRCODE = \'insufficient_privilege\'\x3B
END';
CREATE TRIGGER "audit_entries_keep_rows" BEFORE UPDATE OR DELETE ON "audit_entries"
  FOR EACH ROW EXECUTE FUNCTION "audit_entries_stay"();
CREATE TRIGGER "audit_entries_keep_table" BEFORE TRUNCATE ON "audit_entries"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_entries_stay"();
-- Also for a session that replays another database's changes.
ALTER TABLE "audit_entries" ENABLE ALWAYS TRIGGER "audit_entries_keep_rows";
ALTER TABLE "audit_entries" ENABLE ALWAYS TRIGGER "audit_entries_keep_table";
-- Should a role have got these by default privileges.
REVOKE UPDATE, DELETE, TRUNCATE ON "audit_entries" FROM PUBLIC;
