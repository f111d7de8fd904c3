import type { Db } from "#lib/db.ts";
import { type ChannelHealth, type ChannelState, failingWithinMs } from "./schema.ts";

type Counted = { id: string; useWebhook: boolean; errorCount: number; isFailing: boolean };

/**
 * How deliveries of these channels stand, by channel id. Counts come from at most 24 hour rows and 4 reasons a channel
 * (primary key of error_hours), "failing now" from the newest minute rows (primary key of error_rows): the cost follows
 * the number of channels, not of errors. Whole clock hours, so the count covers 23 to 24 h. Errors are counted only while
 * aggregation is on; a channel without it looks healthy here.
 */
export async function countHealth(
  db: Db,
  channelIds: readonly string[],
): Promise<Map<string, ChannelHealth>> {
  if (channelIds.length === 0) return new Map();
  const rows = await db.$queryRaw<Counted[]>`
    select c.id, c.use_webhook as "useWebhook",
           coalesce((select sum(h.error_count) from error_hours h
                      where h.channel_id = c.id
                        and h.hour >= date_trunc('hour', now()) - interval '23 hours'), 0)::int as "errorCount",
           exists (select 1 from error_rows r
                    where r.channel_id = c.id
                      and r.minute >= date_trunc('minute', now())
                      - make_interval(secs => ${failingWithinMs / 1_000})) as "isFailing"
      from channels c
     where c.id = any(${[...channelIds]})`;
  return new Map(rows.map((row) => [row.id, { state: stateOf(row), errorCount: row.errorCount }]));
}

function stateOf(row: Counted): ChannelState {
  if (!row.useWebhook) return "webhook_off";
  if (row.isFailing) return "failing";
  return row.errorCount > 0 ? "some_errors" : "healthy";
}

/**
 * Since when a channel has been failing: the first error after the last stretch of ten minutes without any, looked for
 * in the last 24 h (at most 1,440 minutes by reason and detail, by the primary key of error_rows). Null: not failing.
 */
export async function findFailingSince(db: Db, channelId: string): Promise<Date | null> {
  const rows = await db.$queryRaw<{ since: Date }[]>`
    with stretches as (
      select first_at, last_at,
             max(last_at) over (order by first_at rows between unbounded preceding and 1 preceding) as before
        from error_rows
       where channel_id = ${channelId} and minute >= now() - interval '24 hours'
    )
    select first_at as since
      from stretches
     where (before is null or first_at - before > interval '10 minutes')
       and exists (select 1 from stretches where last_at > now()
                    - make_interval(secs => ${failingWithinMs / 1_000}))
     order by first_at desc
     limit 1`;
  return rows[0]?.since ?? null;
}
