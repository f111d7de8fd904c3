-- Equal keys share one entry of an index, and such an entry is known as dead only when all its rows are: a few webhooks that hang
-- kept those delivered around them in every claim's way. With the id no two keys are equal, and a claim reads in its order.
CREATE INDEX "webhook_queue_channel_id_lane_due_at_id_idx" ON "webhook_queue"("channel_id", "lane", "due_at", "id");

DROP INDEX "webhook_queue_channel_id_lane_due_at_idx";
