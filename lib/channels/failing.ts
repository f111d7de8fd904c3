import type { Pool } from "pg";
import { countedMax } from "#lib/counted-max.ts";
import type { Database, Db } from "#lib/db.ts";
import { isShownSql } from "#lib/endpoint-health/shown.ts";
import { readMailStandings } from "#lib/notifications/read-standing.ts";
import type { NotificationPolicy } from "#lib/notifications/schema.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import { failingCountedMax } from "./failing-bounds.ts";
import { type EntryRow, entryColumns, entryJoins, fails, listFailingChannels } from "./list.ts";
import type { ChannelEntry, FailingChannel } from "./schema.ts";

type Failing = { channels: FailingChannel[]; hasMore: boolean };

/** The person's channels shown as failing (docs/decisions/0028), those that began last first, each with what is known of it. */
export async function describeFailing(
  { db, pool }: Database,
  userId: string,
  limit: number,
  policy: NotificationPolicy,
): Promise<Failing> {
  const entries = await listFailingChannels(db, userId, { limit: limit + 1 });
  const channels = await describe(pool, entries.slice(0, limit), policy);
  return { channels, hasMore: entries.length > limit };
}

/**
 * The same over the whole platform, for operators only: being one gives no role, so that an entry leads into its channel only
 * where they have one. Index on shown_since.
 */
export async function describeFailingOfAll(
  { db, pool }: Database,
  userId: string,
  limit: number,
  policy: NotificationPolicy,
): Promise<Failing> {
  const rows = await db.$queryRaw<EntryRow[]>`
    select ${entryColumns}
      from endpoint_health e join channels c on c.id = e.channel_id ${entryJoins}
      left join channel_members m on m.channel_id = c.id and m.user_id = ${userId}::uuid
     where ${fails}
     order by e.shown_since desc limit ${limit + 1}`;
  const entries = rows.map((row) => ({ ...row, health: null }));
  const channels = await describe(pool, entries.slice(0, limit), policy);
  return { channels, hasMore: rows.length > limit };
}

/** How many channels of the platform are shown as failing, as far as 1,001. Index on shown_since. */
export async function countFailingOfAll(db: Db): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count
      from (select from endpoint_health e join channels c on c.id = e.channel_id
             where ${fails} limit ${failingCountedMax + 1}) failing`;
  return row?.count ?? 0;
}

type Facts = {
  id: string;
  isSuspended: boolean;
  since: Date;
  lastFailureAt: Date;
  failedCount: number | null;
  reason: ErrorReason;
  detail: string;
  webhookCount: number | null;
  waitingCount: number | null;
  hourly: number[];
};

async function describe(
  pool: Pool,
  entries: readonly ChannelEntry[],
  policy: NotificationPolicy,
): Promise<FailingChannel[]> {
  if (entries.length === 0) return [];
  const ids = entries.map(({ id }) => id);
  const [facts, standings] = await Promise.all([
    readFacts(pool, ids),
    readMailStandings(pool, ids, policy),
  ]);
  return entries.flatMap((entry): FailingChannel[] => {
    const found = facts.get(entry.id);
    const standing = standings.get(entry.id);
    // It is over by now.
    if (found === undefined || standing === undefined) return [];
    const { id: _, isSuspended, ...known } = found;
    return [{ entry, state: isSuspended ? "suspended" : "failing", ...known, standing }];
  });
}

/**
 * Of each channel: its outage; webhooks counted by their first failures, in minutes up to the next full hour and in hours from
 * there (primary keys of error_rows and error_hours); what waits (index of webhook_queue).
 */
async function readFacts(pool: Pool, ids: readonly string[]): Promise<Map<string, Facts>> {
  const { rows } = await pool.query<Facts>(
    `select e.channel_id as id, e.suspended_at is not null as "isSuspended", e.shown_since as since,
            e.last_failure_at as "lastFailureAt", case when e.failing_since <= e.shown_since then e.failed_count end as "failedCount", e.reason, e.detail,
            case when c.error_statistics_aggregation then
              (coalesce((select sum(r.first_attempt_count) from error_rows r
                          where r.channel_id = c.id and r.minute >= date_trunc('minute', e.shown_since, 'UTC')
                            and r.minute < date_trunc('hour', e.shown_since, 'UTC') + interval '1 hour'), 0)
               + coalesce((select sum(h.first_attempt_count) from error_hours h
                            where h.channel_id = c.id and h.hour > e.shown_since), 0))::int end as "webhookCount",
            case when c.webhook_redelivery then
              (select count(*)::int from (select from webhook_queue q
                where q.channel_id = c.id and q.lane = 1 and q.epoch = c.redelivery_epoch limit $2) waiting) end as "waitingCount",
            (select array_agg(coalesce(n.errors, 0) order by s.hour)
               from generate_series(date_trunc('hour', now(), 'UTC') - interval '23 hours', date_trunc('hour', now(), 'UTC'), '1 hour') as s(hour)
               left join (select h.hour, sum(h.error_count)::int as errors from error_hours h
                           where h.channel_id = c.id and h.hour >= date_trunc('hour', now(), 'UTC') - interval '23 hours'
                           group by h.hour) n on n.hour = s.hour) as hourly
       from endpoint_health e join channels c on c.id = e.channel_id
      where e.channel_id = any($1) and ${isShownSql("e")}`,
    [ids, countedMax + 1],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
