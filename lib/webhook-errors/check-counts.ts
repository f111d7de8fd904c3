import type { Pool } from "pg";

/** How the counts of one channel differ from its stored errors. */
export type CountDifference = {
  channelId: string;
  /** Minutes and hours by key that are not counted, counted otherwise, or counted without an error. */
  missing: number;
  wrong: number;
  extra: number;
  /** Errors as stored, and as the minutes and the hours say. */
  stored: number;
  inMinutes: number;
  inHours: number;
};

/**
 * Compares error_rows and error_hours of `[from, to)` with the stored errors and changes nothing; whole UTC hours only.
 * One statement sees one moment, and an error is stored and counted in one transaction, so recording may go on meanwhile.
 * Channels that agree are left out.
 */
export async function checkErrorCounts(
  pool: Pool,
  { from, to, channelId }: { from: Date; to: Date; channelId?: string | undefined },
): Promise<CountDifference[]> {
  const { rows } = await pool.query<CountDifference>(checkSql, [from, to, channelId ?? null]);
  return rows;
}

const checkSql = `
  with stored as (
    select channel_id, occurred_at, reason, detail, status_code, attempt, is_first from webhook_errors
     where occurred_at >= $1 and occurred_at < $2 and ($3::text is null or channel_id = $3)
  ),
  minutes as (
    select channel_id, date_trunc('minute', occurred_at, 'UTC') as minute, reason, detail, max(status_code) as status_code,
           count(*)::int as error_count, (count(*) filter (where coalesce(is_first, attempt = 1)))::int as first_attempt_count,
           min(occurred_at) as first_at, max(occurred_at) as last_at
      from stored group by 1, 2, 3, 4
  ),
  hours as (
    select channel_id, date_trunc('hour', occurred_at, 'UTC') as hour, reason, detail, count(*)::int as error_count,
           (count(*) filter (where coalesce(is_first, attempt = 1)))::int as first_attempt_count,
           min(occurred_at) as first_at, max(occurred_at) as last_at
      from stored group by 1, 2, 3, 4
  ),
  compared as (
    select coalesce(c.channel_id, r.channel_id) as channel_id, r.channel_id is null as missing, c.channel_id is null as extra,
           (c.status_code, c.error_count, c.first_attempt_count, c.first_at, c.last_at) is distinct from
           (r.status_code, r.error_count, r.first_attempt_count, r.first_at, r.last_at) as differs,
           coalesce(c.error_count, 0) as stored, coalesce(r.error_count, 0) as in_minutes, 0 as in_hours
      from minutes c
      full join (select * from error_rows where minute >= $1 and minute < $2 and ($3::text is null or channel_id = $3)) r
        on (c.channel_id, c.minute, c.reason, c.detail) = (r.channel_id, r.minute, r.reason, r.detail)
    union all
    select coalesce(c.channel_id, h.channel_id), h.channel_id is null, c.channel_id is null,
           (c.error_count, c.first_attempt_count, c.first_at, c.last_at) is distinct from
           (h.error_count, h.first_attempt_count, h.first_at, h.last_at),
           0, 0, coalesce(h.error_count, 0)
      from hours c
      full join (select * from error_hours where hour >= $1 and hour < $2 and ($3::text is null or channel_id = $3)) h
        on (c.channel_id, c.hour, c.reason, c.detail) = (h.channel_id, h.hour, h.reason, h.detail)
  )
  select channel_id as "channelId", (count(*) filter (where missing))::int as missing,
         (count(*) filter (where differs and not missing and not extra))::int as wrong,
         (count(*) filter (where extra))::int as extra, sum(stored)::int as stored, sum(in_minutes)::int as "inMinutes",
         sum(in_hours)::int as "inHours"
    from compared group by 1 having bool_or(differs) order by 1`;
