import type { Pool, PoolClient } from "pg";
import { inTransaction } from "#lib/db.ts";

/** Rows that were wrong and are mended; all zero when every count agreed with the stored errors. */
export type RebuildReport = { inserted: number; updated: number; deleted: number };

type Stretch = {
  from: Date;
  to: Date;
  /** One channel only. */
  channelId?: string;
};

/**
 * Counts the stored errors of `[from, to)` anew and mends error_rows and error_hours where they differ. The stretch is
 * widened to whole UTC hours, and must lie where single errors are still kept: rows without them would be deleted.
 * Recording waits meanwhile (share row exclusive lock), so rebuild a day at a time.
 */
export async function rebuildErrorCounts(pool: Pool, stretch: Stretch): Promise<RebuildReport> {
  const hourMs = 3_600_000;
  const values = [
    new Date(Math.floor(stretch.from.getTime() / hourMs) * hourMs),
    new Date(Math.ceil(stretch.to.getTime() / hourMs) * hourMs),
    stretch.channelId ?? null,
  ];
  return inTransaction(pool, async (client) => {
    await client.query("lock table error_rows, error_hours in share row exclusive mode");
    const reports = [
      await runMend(client, mendRowsSql, values),
      await runMend(client, mendHoursSql, values),
    ];
    await client.query(noteMissingSql, values);
    return reports.reduce((sum, one) => ({
      inserted: sum.inserted + one.inserted,
      updated: sum.updated + one.updated,
      deleted: sum.deleted + one.deleted,
    }));
  });
}

async function runMend(client: PoolClient, sql: string, values: unknown[]): Promise<RebuildReport> {
  const { rows } = await client.query<RebuildReport>(sql, values);
  return rows[0] ?? { inserted: 0, updated: 0, deleted: 0 };
}

/** Every counted error has its problem. When that began is left as it was noted: the errors of the time before are not told apart. */
const noteMissingSql = `
  insert into problems as p (channel_id, reason, detail, began_at, last_at)
  select channel_id, reason, detail, min(first_at), max(last_at) from error_rows
   where minute >= $1 and minute < $2 and ($3::text is null or channel_id = $3) group by 1, 2, 3
  on conflict (channel_id, reason, detail) do update set last_at = excluded.last_at where p.last_at < excluded.last_at`;

const changes = `
  select (select count(*)::int from added) as inserted, (select count(*)::int from mended) as updated,
         (select count(*)::int from gone) as deleted`;

const mendRowsSql = `
  with correct as (
    select channel_id, date_trunc('minute', occurred_at, 'UTC') as minute, reason, detail, max(status_code) as status_code,
           count(*)::int as error_count, (count(*) filter (where coalesce(is_first, attempt = 1)))::int as first_attempt_count,
           min(occurred_at) as first_at, max(occurred_at) as last_at
      from webhook_errors where occurred_at >= $1 and occurred_at < $2 and ($3::text is null or channel_id = $3)
     group by 1, 2, 3, 4
  ),
  added as (
    insert into error_rows select * from correct on conflict do nothing returning 1
  ),
  mended as (
    update error_rows r
       set (status_code, error_count, first_attempt_count, first_at, last_at)
         = (c.status_code, c.error_count, c.first_attempt_count, c.first_at, c.last_at)
      from correct c
     where (c.channel_id, c.minute, c.reason, c.detail) = (r.channel_id, r.minute, r.reason, r.detail)
       and (c.status_code, c.error_count, c.first_attempt_count, c.first_at, c.last_at) is distinct from
           (r.status_code, r.error_count, r.first_attempt_count, r.first_at, r.last_at)
    returning 1
  ),
  gone as (
    delete from error_rows r
     where minute >= $1 and minute < $2 and ($3::text is null or channel_id = $3)
       and not exists (select from correct c where (c.channel_id, c.minute, c.reason, c.detail)
                                                 = (r.channel_id, r.minute, r.reason, r.detail))
    returning 1
  ) ${changes}`;

const mendHoursSql = `
  with correct as (
    select channel_id, date_trunc('hour', occurred_at, 'UTC') as hour, reason, detail, count(*)::int as error_count,
           (count(*) filter (where coalesce(is_first, attempt = 1)))::int as first_attempt_count,
           min(occurred_at) as first_at, max(occurred_at) as last_at
      from webhook_errors where occurred_at >= $1 and occurred_at < $2 and ($3::text is null or channel_id = $3)
     group by 1, 2, 3, 4
  ),
  added as (
    insert into error_hours (channel_id, hour, reason, detail, error_count, first_attempt_count, first_at, last_at)
    select * from correct on conflict do nothing returning 1
  ),
  mended as (
    update error_hours h
       set (error_count, first_attempt_count, first_at, last_at) = (c.error_count, c.first_attempt_count, c.first_at, c.last_at)
      from correct c
     where (c.channel_id, c.hour, c.reason, c.detail) = (h.channel_id, h.hour, h.reason, h.detail)
       and (c.error_count, c.first_attempt_count, c.first_at, c.last_at) is distinct from
           (h.error_count, h.first_attempt_count, h.first_at, h.last_at)
    returning 1
  ),
  gone as (
    delete from error_hours h
     where hour >= $1 and hour < $2 and ($3::text is null or channel_id = $3)
       and not exists (select from correct c where (c.channel_id, c.hour, c.reason, c.detail)
                                                 = (h.channel_id, h.hour, h.reason, h.detail))
    returning 1
  ) ${changes}`;
