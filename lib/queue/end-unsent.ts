import type { Pool } from "pg";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import type { ClaimedWebhook } from "./claim.ts";

/**
 * Ends claimed webhooks that may not be sent, because Use webhook is off, sending is suspended or there is no URL:
 * `not_sent` when nothing ever left for them, `cancelled` after an attempt. The attempt that the claim counted did not happen.
 */
export async function endUnsent(pool: Pool, webhooks: readonly ClaimedWebhook[]): Promise<void> {
  if (webhooks.length === 0) return;
  await pool.query(
    `with ended as (
       delete from webhook_queue q using unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as o (id, lease, accepted_at)
        where q.id = o.id and q.lease = o.lease
       returning q.*, o.accepted_at
     )
     insert into webhooks (accepted_at, id, channel_id, state, attempts, event_count, finished_at, body)
     select accepted_at, id, channel_id, (case when attempt = 1 then 'not_sent' else 'cancelled' end)::webhook_state,
            attempt - 1, event_count, now(), body
       from ended`,
    [
      webhooks.map((one) => one.id),
      webhooks.map((one) => one.lease),
      webhooks.map((one) => acceptedAtOf(one.id)),
    ],
  );
}
