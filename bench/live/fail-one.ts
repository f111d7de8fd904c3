import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import { failedAt } from "#bench/support/failed-at.ts";
import { recordErrors } from "#lib/recording/record-errors.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";

const body = JSON.stringify({
  destination: "U",
  events: [{ type: "message", webhookEventId: "01HXZ8Y0000000000000000000" }],
});

/**
 * Records one failed attempt of a channel as a worker does: a claimed webhook, and its outcome in one transaction. Nobody
 * else claims it: it is due in an hour. Resolves when the transaction is over.
 */
export async function failOne(pool: Pool, channelId: string): Promise<void> {
  const [id, lease] = [newWebhookId(new Date()), randomUUID()];
  await pool.query(
    `insert into webhook_queue (id, channel_id, lane, due_at, attempt, failures, lease, event_count, body)
     values ($1, $2, 0, now() + interval '1 hour', 1, 0, $3, 1, $4)`,
    [id, channelId, lease, body],
  );
  const recorded = await recordErrors(
    pool,
    [
      {
        webhook: {
          ...{ id, channelId, lane: 0, attempt: 1, failures: 0, lease, body },
          ...{ url: "https://bot.example.com/", sealedSecrets: null },
          ...{ useWebhook: true, isDoubtful: false },
        },
        outcome: failedAt(new Date()),
      },
    ],
    { scheduleMs: [5_000], notificationWindowMs: 300_000, random: Math.random },
  );
  if (recorded.size !== 1) throw new Error("the failure was not recorded");
}
