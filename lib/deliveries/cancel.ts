import type { Db } from "#lib/db.ts";
import { acceptedAtSql } from "./webhook-id.ts";

/**
 * Ends what waits for a channel as `cancelled`, in the caller's transaction: `redeliveries` when Webhook redelivery
 * is switched off, `all` when Use webhook is. First attempts that never left end as `not_sent`. What a worker has in
 * hand at this moment is left to it: its outcome is recorded, and the record step schedules nothing more. What was set
 * aside waits too, and ends here like the rest.
 * Returns how many webhooks ended.
 */
export async function cancelPending(
  db: Db,
  channelId: string,
  options: { lanes: "redeliveries" | "all" },
): Promise<number> {
  const firstLane = options.lanes === "all" ? 0 : 1;
  return db.$executeRaw`
    with queued as (
      delete from webhook_queue
       where channel_id = ${channelId} and lane >= ${firstLane} and (lease_until is null or lease_until < now())
      returning id, channel_id, attempt, event_count, body
    ),
    aside as (
      delete from set_aside_webhooks where channel_id = ${channelId} and lane >= ${firstLane}
      returning id, channel_id, attempt, event_count, body
    ),
    ended as (select * from queued union all select * from aside)
    insert into webhooks (accepted_at, id, channel_id, state, attempts, event_count, finished_at, body)
    select ${acceptedAtSql}, id, channel_id,
           (case when attempt = 0 then 'not_sent' else 'cancelled' end)::webhook_state,
           attempt, event_count, now(), body
      from ended`;
}
