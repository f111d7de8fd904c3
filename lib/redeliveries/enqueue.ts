import type { Db } from "#lib/db.ts";
import { workChannel } from "#lib/queue/accept.ts";
import { lanes } from "#lib/queue/claim.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";

/**
 * Moves ended webhooks of a channel from the log back into the queue's redelivery lane, due now, in one statement of the
 * caller's transaction. A webhook is always in exactly one of queue, set aside and log, so nothing that ends it has to know
 * whether it is its first life: attempts number on, the redelivery schedule begins anew. Of a delivered one the attempt that
 * delivered is kept beside. Locks in the order of ids, so that two redeliveries of the same webhooks cannot deadlock. What is not (or no longer) in the log is left out. Returns the ids that were moved.
 * Index: the log's primary key, a probe each; the first and last time leave out partitions.
 */
export async function enqueueRedeliveries(
  tx: Db,
  channelId: string,
  webhookIds: readonly string[],
): Promise<string[]> {
  if (webhookIds.length === 0) return [];
  const ids = [...new Set(webhookIds)].sort();
  const times = ids.map((id) => acceptedAtOf(id).toISOString());
  const rows = await tx.$queryRaw<{ id: string }[]>`
    with found as materialized (
      select w.accepted_at, w.id
        from unnest(${ids}::uuid[], ${times}::timestamptz[]) as asked (id, accepted_at)
        join webhooks w on w.accepted_at = asked.accepted_at and w.id = asked.id
       where w.channel_id = ${channelId}
         and w.accepted_at >= ${times[0]}::timestamptz and w.accepted_at <= ${times.at(-1)}::timestamptz
       order by w.id for update of w
    ),
    taken as (
      delete from webhooks w using found
       where w.channel_id = ${channelId} and w.accepted_at = found.accepted_at and w.id = found.id
         and w.accepted_at >= ${times[0]}::timestamptz and w.accepted_at <= ${times.at(-1)}::timestamptz
      returning w.id, w.state, w.attempts, w.event_count, w.started_at, w.url, w.status_code, w.phases, w.doubt, w.body
    ),
    kept as (
      insert into superseded_deliveries (webhook_id, attempt, superseded_at, channel_id, started_at, url, status_code, phases,
                                         doubt)
      select id, attempts, now(), ${channelId}, started_at, url, status_code, phases, doubt
        from taken where state = 'delivered' and started_at is not null
    ),
    queued as (
      -- Times are cut to the column's milliseconds: rounded up, no claim would see them yet.
      insert into webhook_queue (id, channel_id, lane, due_at, attempt, event_count, body, epoch)
      select id, ${channelId}, ${lanes.redelivery}::smallint, date_trunc('milliseconds', now()), attempts, event_count, body,
             coalesce((select redelivery_epoch from channels where id = ${channelId}), 0)
        from taken order by id
      returning id
    ),
    ready as (
      insert into ready_channels (lane, channel_id, due_at)
      select ${lanes.redelivery}::smallint, ${channelId}, date_trunc('milliseconds', now()) where exists (select from taken)
      on conflict (lane, channel_id) do update set due_at = excluded.due_at where ready_channels.due_at > excluded.due_at
    )
    select id::text as id from queued`;
  if (rows.length > 0) await tx.$executeRaw`select pg_notify(${workChannel}, '')`;
  return rows.map((row) => row.id);
}
