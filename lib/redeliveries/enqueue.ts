import type { Db } from "#lib/db.ts";
import { workChannel } from "#lib/queue/accept.ts";
import { lanes } from "#lib/queue/claim.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import { Prisma } from "#prisma/generated/client.ts";

const none = Prisma.sql`true`;

/**
 * Moves ended webhooks of a channel from the log back into the queue's redelivery lane, due now. A webhook is always in exactly
 * one of queue, set aside and log, so nothing that ends it has to know whether it is its first life: attempts number on, the
 * redelivery schedule begins anew. Of a delivered one the attempt that delivered is kept beside. Locks in the order of ids, so
 * that two redeliveries of the same webhooks cannot deadlock. What is not (or no longer) in the log is left out. Returns the ids
 * that were moved: no worker looks for them before `giveTurn`, the last statement of the same transaction.
 */
export async function moveIntoQueue(
  tx: Db,
  channelId: string,
  webhookIds: readonly string[],
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    with ${moveParts(channelId, webhookIds)} select id::text as id from queued`;
  return rows.map((row) => row.id);
}

/**
 * Gives the channel a turn in the redelivery lane and wakes the workers. Last in a transaction: claims pass the channel by, and
 * recording its failures waits, until that ends.
 */
export async function giveTurn(tx: Db, channelId: string): Promise<void> {
  await tx.$executeRaw`with ready as (${turnPart(channelId)}) select pg_notify(${workChannel}, '')`;
}

/**
 * What `moveIntoQueue` does as parts of a statement: `taken` and `queued` have a row for each webhook that was moved. Nothing is
 * moved unless `when`. Index: the log's primary key, a probe each; the first and last time leave out partitions.
 */
export function moveParts(
  channelId: string,
  webhookIds: readonly string[],
  when = none,
): Prisma.Sql {
  const ids = [...new Set(webhookIds)].sort();
  const times = ids.map((id) => acceptedAtOf(id).toISOString());
  const within = Prisma.sql`w.channel_id = ${channelId}
    and w.accepted_at >= ${times[0] ?? null}::timestamptz and w.accepted_at <= ${times.at(-1) ?? null}::timestamptz`;
  return Prisma.sql`
    found as materialized (
      select w.accepted_at, w.id
        from unnest(${ids}::uuid[], ${times}::timestamptz[]) as asked (id, accepted_at)
        join webhooks w on w.accepted_at = asked.accepted_at and w.id = asked.id
       where ${within} and ${when}
       order by w.id for update of w
    ),
    taken as (
      delete from webhooks w using found
       where ${within} and w.accepted_at = found.accepted_at and w.id = found.id
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
    )`;
}

/** What `giveTurn` does as a part of a statement. */
export const turnPart = (channelId: string, when = none): Prisma.Sql => Prisma.sql`
  insert into ready_channels (lane, channel_id, due_at)
  select ${lanes.redelivery}::smallint, ${channelId}, date_trunc('milliseconds', now()) where ${when}
  on conflict (lane, channel_id) do update set due_at = excluded.due_at where ready_channels.due_at > excluded.due_at`;
