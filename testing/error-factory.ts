import type { Pool } from "pg";
import type { LikelyCause } from "#lib/causes/schema.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import { rebuildErrorCounts } from "#lib/webhook-errors/rebuild-counts.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";

/** One failed attempt to be stored as if it had been counted. */
export type MadeError = {
  occurredAt: Date;
  reason: ErrorReason;
  detail: string;
  statusCode: number | null;
  attempt: number;
  webhookId: string;
  likelyCause: LikelyCause | null;
};

/** A single error; unique by default. */
export function makeError(overrides: Partial<MadeError> & { occurredAt: Date }): MadeError {
  return {
    reason: "could_not_connect",
    detail: "Connection failed",
    statusCode: null,
    attempt: 1,
    likelyCause: null,
    webhookId: newWebhookId(overrides.occurredAt),
    ...overrides,
  };
}

/** Stores errors with their attempts and counts them. Times are stored to the millisecond. */
export async function createErrors(
  pool: Pool,
  channelId: string,
  errors: readonly MadeError[],
): Promise<void> {
  await pool.query(
    `with e as (
       select * from unnest($2::timestamptz[], $3::uuid[], $4::smallint[], $5::error_reason[], $6::text[], $7::smallint[],
                             $8::text[])
                as e (occurred_at, webhook_id, attempt, reason, detail, status_code, likely_cause)
     ),
     tried as (
       insert into webhook_attempts (started_at, webhook_id, attempt, channel_id, url, reason, detail, status_code, phases,
                                     likely_cause)
       select occurred_at, webhook_id, attempt, $1, 'https://bot.example.com/webhook', reason, detail, status_code,
              '{"dns": 1.2, "tcp": 8.4, "total": 12.1}', likely_cause from e
     )
     insert into webhook_errors (occurred_at, webhook_id, attempt, channel_id, reason, detail, status_code, likely_cause)
     select occurred_at, webhook_id, attempt, $1, reason, detail, status_code, likely_cause from e`,
    [
      channelId,
      errors.map((error) => error.occurredAt),
      errors.map((error) => error.webhookId),
      errors.map((error) => error.attempt),
      errors.map((error) => error.reason),
      errors.map((error) => error.detail),
      errors.map((error) => error.statusCode),
      errors.map((error) => error.likelyCause),
    ],
  );
  const times = errors.map((error) => error.occurredAt.getTime());
  const from = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  const to = times.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY);
  if (times.length > 0) {
    await rebuildErrorCounts(pool, { channelId, from: new Date(from), to: new Date(to + 1) });
  }
}

export type BelievableErrors = {
  channelId: string;
  from: Date;
  to: Date;
  count: number;
  /** Webhooks delivered per minute at the quiet and at the busy time of day. */
  deliveredPerMinute?: { least: number; most: number };
  /** False: only the errors themselves; deliveries and counted rows are the caller's affair. */
  counted?: boolean;
  /** The same seed makes the same errors. */
  seed?: number;
};

/**
 * Makes errors of a believable shape in SQL, a million in some seconds: two thirds in a few outages (refused
 * connections and 503, then timeouts while the server comes back), the rest thinly over the day with more at busy hours;
 * one in five is a redelivery; one in 5,000 has a rare detail. Deliveries fill the minutes between. Rows and hours are
 * counted from what was stored.
 */
export async function createBelievableErrors(pool: Pool, wanted: BelievableErrors): Promise<void> {
  const { channelId, from, to, count, seed = 1 } = wanted;
  await pool.query(believableErrorsSql, [channelId, from, to, count, seed]);
  if (wanted.counted === false) return;
  const { least, most } = wanted.deliveredPerMinute ?? { least: 20, most: 90 };
  await pool.query(deliveredMinutesSql, [channelId, from, to, least, most, seed]);
  await pool.query(deliveredHoursSql, [channelId, from, to]);
  const dayMs = 86_400_000;
  for (let day = from.getTime(); day < to.getTime(); day += dayMs) {
    const end = Math.min(day + dayMs, to.getTime());
    await rebuildErrorCounts(pool, { channelId, from: new Date(day), to: new Date(end) });
  }
}

// hashtextextended is a good enough random number that does not depend on the order of evaluation.
const random = (salt: string): string =>
  `((hashtextextended('${salt}' || i::text, $5::bigint) & 1048575) / 1048576.0)`;

const believableErrorsSql = `
  with drawn as (
    select i, ${random("where")} as place, ${random("when")} as moment, ${random("kind")} as kind, ${random("retry")} as retry,
           ${random("outage")} as outage
      from generate_series(1, $4::int) as i
  ),
  placed as (
    select i, place, kind, retry,
           case when place < 0.66
                -- One of about one outage a week, each lasting 1 to 5 % of a day and a bit.
                then $2::timestamptz + ($3::timestamptz - $2::timestamptz)
                     * ((floor(outage * outages) + 0.35 + 0.4 * (hashtextextended(floor(outage * outages)::text, $5::bigint) & 255) / 256.0) / outages)
                     + moment * interval '95 minutes'
                else $2::timestamptz + ($3::timestamptz - $2::timestamptz) * moment
           end as at
      from drawn, lateral (select greatest(1, round(extract(epoch from $3::timestamptz - $2::timestamptz) / 604800)) as outages) o
  ),
  classed as (
    select i, date_trunc('milliseconds', least(at, $3::timestamptz - interval '1 millisecond')) as at, retry,
           case when kind < 0.0002 then 'rare'
                when place < 0.36 then 'refused' when place < 0.6 then '503' when place < 0.66 then 'timeout'
                when kind < 0.45 then 'timeout' when kind < 0.62 then '500' when kind < 0.7 then '502' when kind < 0.74 then '404'
                when kind < 0.82 then 'tls' when kind < 0.88 then 'dns' when kind < 0.96 then 'closed' else 'goaway' end as class
      from placed
  )
  insert into webhook_errors (occurred_at, webhook_id, attempt, channel_id, reason, detail, status_code)
  select at, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text || $1 || $5::text), 1, 3)
              || '8' || substr(md5($1 || i::text), 1, 15))::uuid,
         case when retry < 0.8 then 1 when retry < 0.92 then 2 else 3 end, $1, k.reason::error_reason, k.detail, k.status_code
    from classed join (values
      ('refused', 'could_not_connect', 'Connection failed', null::smallint), ('503', 'error_status_code', '503', 503),
      ('timeout', 'request_timeout', 'Request timeout', null), ('500', 'error_status_code', '500', 500),
      ('502', 'error_status_code', '502', 502), ('404', 'error_status_code', '404', 404),
      ('tls', 'could_not_connect', 'TLS handshake failure', null), ('dns', 'could_not_connect', 'DNS Query timeout', null),
      ('closed', 'unclassified', 'Session closed unexpectedly', null),
      ('goaway', 'could_not_connect', 'Connection failed (received GOAWAY)', null),
      ('rare', 'could_not_connect', 'Session protocol negotiation failure', null)
    ) as k (class, reason, detail, status_code) using (class)`;

const deliveredMinutesSql = `
  insert into delivered_minutes (channel_id, minute, delivered_count)
  select $1, minute, greatest(0, round($4::int + ($5::int - $4::int)
           * (0.5 - 0.5 * cos(2 * pi() * (extract(epoch from minute) + 32400) / 86400))
           + ((hashtextextended(minute::text, $6::bigint) & 15) - 7) * $5::int / 90.0))::int
    from generate_series(date_trunc('minute', $2::timestamptz, 'UTC'), $3::timestamptz - interval '1 minute', interval '1 minute') as minute
  on conflict do nothing`;

const deliveredHoursSql = `
  insert into delivered_hours (channel_id, hour, delivered_count)
  select channel_id, date_trunc('hour', minute, 'UTC') as hour, sum(delivered_count)::int from delivered_minutes
   where channel_id = $1 and minute >= date_trunc('hour', $2::timestamptz, 'UTC') and minute < $3::timestamptz
   group by 1, 2
  on conflict (channel_id, hour) do update set delivered_count = excluded.delivered_count`;
