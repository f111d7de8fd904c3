import { randomUUID } from "node:crypto";
import { failedAt } from "#bench/support/failed-at.ts";
import { createChannelViews } from "#lib/causes/channel-views.ts";
import { type Failed, recordErrors } from "#lib/recording/record-errors.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";
import { createChannel } from "#testing/factories.ts";
import type { World } from "./data.ts";

const batchSize = 500;
const body = JSON.stringify({
  destination: "U",
  events: [{ type: "message", webhookEventId: "01HXZ8Y0000000000000000000" }],
});

/** Records `count` failures of one channel in batches, two at a time as a worker does; per second, after checking the count. */
export async function measureRecording({ database }: World, count: number): Promise<number> {
  const channel = await createChannel(database.db, {
    errorStatisticsAggregation: true,
    useWebhook: true,
  });
  const batches: Failed[][] = [];
  for (let start = 0; start < count; start += batchSize) {
    batches.push(await claimBatch(database, channel.id));
  }
  const viewsOf = createChannelViews(database.pool, (error) => {
    throw error;
  });
  const options = {
    scheduleMs: [5_000],
    notificationWindowMs: 300_000,
    random: Math.random,
    viewsOf,
  };
  const startedAt = performance.now();
  const work = batches.values();
  const record = async () => {
    for (const batch of work) await recordErrors(database.pool, batch, options);
  };
  await Promise.all([record(), record()]);
  const seconds = (performance.now() - startedAt) / 1_000;
  const { rows } = await database.pool.query<{ n: number }>(
    "select sum(error_count)::int as n from error_rows where channel_id = $1",
    [channel.id],
  );
  if (rows[0]?.n !== count) throw new Error(`${rows[0]?.n} of ${count} failures were counted`);
  return count / seconds;
}

/** Webhooks as a claim leaves them, with what came of each. */
async function claimBatch({ pool }: World["database"], channelId: string): Promise<Failed[]> {
  const lease = randomUUID();
  const ids = Array.from({ length: batchSize }, () => newWebhookId(new Date()));
  await pool.query(
    `insert into webhook_queue (id, channel_id, lane, due_at, attempt, failures, lease, event_count, body)
     select id, $2, 0, now(), 1, 0, $3, 1, $4 from unnest($1::uuid[]) as id`,
    [ids, channelId, lease, body],
  );
  return ids.map((id, index) => ({
    webhook: {
      id,
      channelId,
      lane: 0,
      attempt: 1,
      failures: 0,
      lease,
      body,
      url: "https://bot.example.com/",
      sealedSecrets: null,
      useWebhook: true,
      isDoubtful: false,
    },
    outcome: failedAt(new Date(Date.now() - index)),
  }));
}
