-- What began an incident at an alert target and ends without a recovery is resolved there.
ALTER TABLE "alerts" ADD COLUMN "resolves" TEXT;
ALTER TABLE "endpoint_health" ADD COLUMN "ended_at" TIMESTAMPTZ(3);
CREATE INDEX "endpoint_health_ended_idx" ON "endpoint_health" ("ended_at") WHERE "ended_at" IS NOT NULL;
ALTER TABLE "bot_certificates" ADD COLUMN "told_at" TIMESTAMPTZ(3);
CREATE INDEX "bot_certificates_told_idx" ON "bot_certificates" ("told_at") WHERE "told_at" IS NOT NULL;
