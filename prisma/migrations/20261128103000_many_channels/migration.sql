-- Lists in the order of names, read some at a time.
DROP INDEX "channels_provider_id_idx";
CREATE INDEX "channels_provider_id_name_id_idx" ON "channels"("provider_id", "name", "id");
CREATE INDEX "channels_name_id_idx" ON "channels"("name", "id");
CREATE INDEX "providers_name_id_idx" ON "providers"("name", "id");

-- A suspended channel is shown as failing, however few attempts have failed (docs/decisions/0028).
UPDATE "endpoint_health" SET "shown_since" = "failing_since", "good_left" = 3
 WHERE "suspended_at" IS NOT NULL AND "shown_since" IS NULL;

-- What a person pinned or opened.
CREATE TABLE "channel_marks" (
    "user_id" UUID NOT NULL,
    "channel_id" TEXT NOT NULL,
    "pinned_at" TIMESTAMPTZ(3),
    "opened_at" TIMESTAMPTZ(3),

    CONSTRAINT "channel_marks_pkey" PRIMARY KEY ("user_id","channel_id")
);
CREATE INDEX "channel_marks_channel_id_idx" ON "channel_marks"("channel_id");
ALTER TABLE "channel_marks" ADD CONSTRAINT "channel_marks_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "channel_marks" ADD CONSTRAINT "channel_marks_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "channel_search" (
    "channel_id" TEXT NOT NULL,
    "grams" TEXT[],

    CONSTRAINT "channel_search_pkey" PRIMARY KEY ("channel_id")
);
ALTER TABLE "channel_search" ADD CONSTRAINT "channel_search_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: what Prisma does not know. The driver adapter cuts a migration at each semicolon, hence \x3B within the bodies.

-- Every piece of `sizes` characters of a text, in lower case, each once. A GIN index over such pieces carries a search for any part
-- of a text without an extension (docs/decisions/0030).
CREATE FUNCTION "search_grams"("value" text, "sizes" int[]) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS E'
  select coalesce(array_agg(distinct substr(lower(value), place, size)), ''{}'')
    from unnest(sizes) as size, generate_series(1, char_length(lower(value)) - size + 1) as place';

CREATE FUNCTION "channel_grams"("id" text, "name" text, "webhook_url" text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS E'
  select array(select unnest(search_grams(name, ''{1,2,3}''))
               union select unnest(search_grams(id, ''{1,2,3}''))
               union select unnest(search_grams(coalesce(webhook_url, ''''), ''{3}'')))';

CREATE FUNCTION "note_channel_search"() RETURNS trigger LANGUAGE plpgsql AS E'
BEGIN
  INSERT INTO channel_search (channel_id, grams) VALUES (NEW.id, channel_grams(NEW.id, NEW.name, NEW.webhook_url))
    ON CONFLICT (channel_id) DO UPDATE SET grams = excluded.grams\x3B
  RETURN NULL\x3B
END';
CREATE TRIGGER "channels_note_search" AFTER INSERT OR UPDATE OF "name", "webhook_url" ON "channels"
  FOR EACH ROW EXECUTE FUNCTION "note_channel_search"();

INSERT INTO "channel_search" SELECT "id", channel_grams("id", "name", "webhook_url") FROM "channels";
CREATE INDEX "channel_search_grams_idx" ON "channel_search" USING GIN ("grams");
