-- What a channel's recovery waits for, without a look at what waits in other channels.
CREATE INDEX "notifications_unsettled_idx" ON "notifications" ("channel_id", "closed_at") WHERE "settled_at" IS NULL;
