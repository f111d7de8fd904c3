import type { PoolClient } from "pg";
import type { Db } from "#lib/db.ts";
import { acceptedAtSql } from "#lib/webhooks/webhook-id.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** Prisma's client or the pool's, in a transaction. */
export type Tx = Db | Pick<PoolClient, "query">;

/** Behind which everything was gone through already: the order of the queue's index within a channel. */
export type QueueCursor = { lane: number; epoch: number; at: Date };

/** At most so much in one statement. Bodies count as they were sent: one batch of large ones must not take long either. */
export type BatchBounds = { rows: number; bytes: number };

export type EndedBatch = {
  /** Webhooks that ended, by channel; channels without any are absent. */
  ended: Map<string, number>;
  /** False: the bounds cut it off, and there is more. */
  isWhole: boolean;
  /** The last one that was ended; null when none was. */
  last: QueueCursor | null;
};

type Row = {
  channelId: string;
  count: number;
  isWhole: boolean;
  lane: number | null;
  epoch: number | null;
  at: Date | null;
};

/**
 * Ends some of what is stale in channels: queued or set aside under an older epoch than the channel's and lane's, or left
 * behind by a channel that is gone. `cancelled`, or `not_sent` when nothing ever left for it. One statement, so that every
 * webhook is in exactly one of queue and log at each moment. What a worker holds, or somebody has locked, is left alone.
 * Index: webhook_queue (channel_id, lane, epoch, due_at, id).
 */
export async function endStale(
  tx: Tx,
  channelIds: readonly string[],
  bounds: BatchBounds,
  cursor: QueueCursor | null = null,
): Promise<EndedBatch> {
  const rows = await runSql<Row>(tx, endSql(channelIds, bounds, cursor ?? start));
  const [first] = rows;
  const { lane = null, epoch = null, at = null } = first ?? {};
  return {
    ended: new Map(rows.filter((row) => row.count > 0).map((row) => [row.channelId, row.count])),
    isWhole: first?.isWhole ?? true,
    last: lane === null || epoch === null || at === null ? null : { lane, epoch, at },
  };
}

/** Runs a statement on either client. */
export async function runSql<T extends object>(tx: Tx, sql: Prisma.Sql): Promise<T[]> {
  if ("$queryRaw" in tx) return tx.$queryRaw<T[]>(sql);
  return (await tx.query<T>(sql.text, sql.values)).rows;
}

/** Of each channel both lanes, with the epoch below which what waits is stale; everything is when the channel is gone. */
export const lanesOf = (channelIds: readonly string[]): Prisma.Sql => Prisma.sql`
  lanes as (
    select asked.channel_id, l.lane, case when c.id is null then 2147483647 when l.lane = 0 then c.first_epoch
                                          else c.redelivery_epoch end as epoch
      from unnest(${[...channelIds]}::text[]) as asked (channel_id) left join channels c on c.id = asked.channel_id
     cross join (values (0::smallint), (1::smallint)) as l (lane)
  )`;

const start: QueueCursor = { lane: 0, epoch: 0, at: new Date(0) };

const endSql = (
  channelIds: readonly string[],
  { rows, bytes }: BatchBounds,
  cursor: QueueCursor,
): Prisma.Sql => Prisma.sql`
  with ${lanesOf(channelIds)},
  seen as materialized (
    select found.* from (select * from lanes where lane >= ${cursor.lane}::smallint order by channel_id, lane) lanes
     cross join lateral (
      select q.ctid as place, q.lane, q.epoch, q.due_at, octet_length(q.body) as bytes from webhook_queue q
       where q.channel_id = lanes.channel_id and q.lane = lanes.lane and q.epoch < lanes.epoch
         and (q.epoch, q.due_at) >= (case when lanes.lane = ${cursor.lane}::smallint then ${cursor.epoch}::int else 0 end,
                                     case when lanes.lane = ${cursor.lane}::smallint then ${cursor.at.toISOString()}
                                          else '-infinity' end::timestamptz)
         and (q.lease_until is null or q.lease_until < now())
       order by q.epoch, q.due_at limit ${rows}::int for update skip locked
    ) found limit ${rows}::int
  ),
  picked as materialized (
    select * from (
      select place, lane, epoch, due_at,
             sum(bytes) over (order by lane, epoch, due_at, place) - bytes as bytes_before from seen
    ) summed where bytes_before < ${bytes}::bigint
  ),
  aside as materialized (
    select s.ctid as place from set_aside_webhooks s join lanes on lanes.channel_id = s.channel_id and lanes.lane = s.lane
     where s.epoch < lanes.epoch limit 100 for update of s skip locked
  ),
  queued as (
    delete from webhook_queue q where q.ctid = any(array(select place from picked))
    returning q.id, q.channel_id, q.attempt, q.event_count, q.body
  ),
  set_aside as (
    delete from set_aside_webhooks s where s.ctid = any(array(select place from aside))
    returning s.id, s.channel_id, s.attempt, s.event_count, s.body
  ),
  logged as (
    insert into webhooks (accepted_at, id, channel_id, state, attempts, event_count, finished_at, body)
    select ${acceptedAtSql}, id, channel_id, (case when attempt = 0 then 'not_sent' else 'cancelled' end)::webhook_state,
           attempt, event_count, now(), body
      from (select * from queued union all select * from set_aside) ended
    returning channel_id
  ),
  counted as (
    select channel_id, count(*)::int as count from logged group by 1
  ),
  bound as (
    select (select count(*) from picked) < ${rows}::int and (select count(*) from picked) = (select count(*) from seen)
           and (select count(*) from aside) < 100 as is_whole
  )
  select coalesce(counted.channel_id, '') as "channelId", coalesce(counted.count, 0) as "count", bound.is_whole as "isWhole",
         last.lane, last.epoch, last.due_at as "at"
    from bound left join counted on true
    left join (select lane, epoch, due_at from picked order by lane desc, epoch desc, due_at desc limit 1) last on true`;
