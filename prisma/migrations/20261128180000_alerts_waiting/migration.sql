-- Which alert of a target is its first one waiting, without a walk through all that it was sent.
CREATE INDEX "alerts_waiting_idx" ON "alerts" ("target_id", "created_at", "id") WHERE "state" IN ('queued', 'sending');
