-- By hand: what Prisma does not know.

-- Workers hold webhooks for a moment with the settings of their claim. Whoever changes a setting, by whatever command, tells
-- them of which channel, so that they look again before they send (engine/worker/worker.ts).
-- The driver adapter cuts a migration at each semicolon, hence \x3B within the bodies.
CREATE FUNCTION "tell_channel_settings"() RETURNS trigger LANGUAGE plpgsql AS E'
BEGIN
  IF TG_OP = \'UPDATE\' AND OLD.webhook_redelivery AND NOT NEW.webhook_redelivery THEN
    PERFORM pg_notify(\'tocsin_work\', OLD.id || \' off\')\x3B
  ELSE
    PERFORM pg_notify(\'tocsin_work\', OLD.id)\x3B
  END IF\x3B
  RETURN NULL\x3B
END';
CREATE TRIGGER "channels_tell_update" AFTER UPDATE OF "use_webhook", "webhook_redelivery", "webhook_url", "sealed_secret", "next_sealed_secret", "next_secret_from" ON "channels"
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION "tell_channel_settings"();
CREATE TRIGGER "channels_tell_delete" AFTER DELETE ON "channels"
  FOR EACH ROW EXECUTE FUNCTION "tell_channel_settings"();

CREATE FUNCTION "tell_suspension"() RETURNS trigger LANGUAGE plpgsql AS E'
BEGIN
  PERFORM pg_notify(\'tocsin_work\', NEW.channel_id)\x3B
  RETURN NULL\x3B
END';
CREATE TRIGGER "endpoint_health_tell" AFTER UPDATE OF "suspended_at" ON "endpoint_health"
  FOR EACH ROW WHEN (OLD.suspended_at IS DISTINCT FROM NEW.suspended_at) EXECUTE FUNCTION "tell_suspension"();
