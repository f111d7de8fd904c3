import type { PoolClient } from "pg";
import { eachBucketSql } from "#lib/answer-times/buckets.ts";
import type { LikelyCause } from "#lib/causes/schema.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import { noteProblemsSql } from "./problem-sql.ts";

/**
 * SQL: stores the errors in rows `source (webhook_id, attempt, channel_id, reason, detail, status_code, likely_cause, is_first)`,
 * each that is not stored yet; returns their webhook_id and attempt. `at`: when each occurred.
 */
export const storeErrorsSql = (source: string, at: string): string => `
    insert into webhook_errors (occurred_at, webhook_id, attempt, channel_id, reason, detail, status_code, likely_cause,
                                is_first)
    select ${at}, webhook_id, attempt, channel_id, reason, detail, status_code, likely_cause, is_first from ${source}
    on conflict do nothing
    returning webhook_id, attempt`;

export type CountableError = {
  webhookId: string;
  attempt: number;
  /** No earlier failure of its webhook was recorded: a crash may have cut off its attempt 1. */
  isFirst: boolean;
  channelId: string;
  occurredAt: Date;
  reason: ErrorReason;
  detail: string;
  statusCode: number | null;
  likelyCause: LikelyCause | null;
  /** The bucket of its answer time; null or absent: no answer came, or it is not known. */
  answerBucket?: number | null;
};

/**
 * Stores errors and counts the newly stored ones, see `countStored`, in the caller's open transaction. Everything is stored
 * before the first count is touched.
 */
export async function countErrors(
  client: PoolClient,
  errors: readonly CountableError[],
): Promise<void> {
  if (errors.length === 0) return;
  const { rows } = await client.query<{ place: number }>({
    name: "store_errors",
    text: storeSql,
    values: [
      errors.map((error) => error.occurredAt.getTime()),
      errors.map((error) => error.webhookId),
      errors.map((error) => error.attempt),
      errors.map((error) => error.channelId),
      errors.map((error) => error.reason),
      errors.map((error) => error.detail),
      errors.map((error) => error.statusCode),
      errors.map((error) => error.likelyCause),
      errors.map((error) => error.isFirst),
    ],
  });
  const places = new Set(rows.map(({ place }) => place));
  await countStored(
    client,
    errors.filter((_, index) => places.has(index + 1)),
  );
}

const storeSql = `
  with given as (
    select * from unnest($1::float8[], $2::uuid[], $3::smallint[], $4::text[], $5::error_reason[], $6::text[], $7::smallint[],
                         $8::text[], $9::bool[]) with ordinality
           as g (ms, webhook_id, attempt, channel_id, reason, detail, status_code, likely_cause, is_first, place)
  ),
  stored as (
    ${storeErrorsSql("given", "to_timestamp(given.ms / 1000)")}
  )
  select place::int as place from given where (webhook_id, attempt) in (select webhook_id, attempt from stored)`;

type Counted = Pick<CountableError, "channelId" | "reason" | "detail" | "statusCode"> & {
  minuteMs: number;
  errorCount: number;
  firstCount: number;
  firstMs: number;
  lastMs: number;
};

const minuteMs = 60_000;

/**
 * Counts errors that were newly stored in the caller's open transaction into their minutes and hours, and notes them in their
 * problems. The transaction's last statement but those that lock what is locked longer still: counts of a channel are locked
 * until it ends, and whoever counts for it meanwhile waits. Sums are made here, so that a thousand alike are one row to send.
 */
export async function countStored(
  client: PoolClient,
  errors: readonly CountableError[],
): Promise<void> {
  if (errors.length === 0) return;
  const counted = byRow(errors);
  const answered = byAnswer(errors);
  await client.query({
    name: "count_errors",
    text: countSql,
    values: [
      counted.map((row) => row.channelId),
      counted.map((row) => row.minuteMs),
      counted.map((row) => row.reason),
      counted.map((row) => row.detail),
      counted.map((row) => row.statusCode),
      counted.map((row) => row.errorCount),
      counted.map((row) => row.firstCount),
      counted.map((row) => row.firstMs),
      counted.map((row) => row.lastMs),
      answered.map((one) => one.channelId),
      answered.map((one) => one.minuteMs),
      answered.map((one) => one.bucket),
      answered.map((one) => one.count),
    ],
  });
}

function byRow(errors: readonly CountableError[]): Counted[] {
  const rows = new Map<string, Counted>();
  for (const { channelId, occurredAt, reason, detail, statusCode, isFirst } of errors) {
    const ms = occurredAt.getTime();
    const minute = Math.floor(ms / minuteMs) * minuteMs;
    const name = `${channelId} ${minute} ${reason} ${statusCode} ${detail}`;
    const row = rows.get(name);
    if (row === undefined) {
      rows.set(name, {
        ...{ channelId, reason, detail, statusCode, minuteMs: minute },
        ...{ errorCount: 1, firstCount: isFirst ? 1 : 0, firstMs: ms, lastMs: ms },
      });
      continue;
    }
    row.errorCount += 1;
    if (isFirst) row.firstCount += 1;
    row.firstMs = Math.min(row.firstMs, ms);
    row.lastMs = Math.max(row.lastMs, ms);
  }
  return [...rows.values()];
}

type Answered = { channelId: string; minuteMs: number; bucket: number; count: number };

function byAnswer(errors: readonly CountableError[]): Answered[] {
  const all = new Map<string, Answered>();
  for (const { channelId, occurredAt, answerBucket: bucket } of errors) {
    if (bucket == null) continue;
    const minute = Math.floor(occurredAt.getTime() / minuteMs) * minuteMs;
    const name = `${channelId} ${minute} ${bucket}`;
    const one = all.get(name);
    if (one === undefined) all.set(name, { channelId, minuteMs: minute, bucket, count: 1 });
    else one.count += 1;
  }
  return [...all.values()];
}

const countSql = `
  with counted as (
    select channel_id, to_timestamp(minute_ms / 1000) as minute, reason, detail, status_code, error_count, first_count,
           to_timestamp(first_ms / 1000) as first_at, to_timestamp(last_ms / 1000) as last_at
      from unnest($1::text[], $2::float8[], $3::error_reason[], $4::text[], $5::smallint[], $6::int[], $7::int[], $8::float8[],
                  $9::float8[])
           as c (channel_id, minute_ms, reason, detail, status_code, error_count, first_count, first_ms, last_ms)
  ),
  answered as (
    select channel_id, to_timestamp(minute_ms / 1000) as minute,
           ${eachBucketSql((n) => `coalesce(sum(count) filter (where bucket = ${n}), 0)::int`)} as answers
      from unnest($10::text[], $11::float8[], $12::smallint[], $13::int[]) as a (channel_id, minute_ms, bucket, count)
     group by 1, 2 order by 1, 2
  ),
  answered_minutes as (
    insert into answered_error_minutes as a (channel_id, minute, answers) select * from answered
    on conflict (channel_id, minute) do update
       set answers = ${eachBucketSql((n) => `a.answers[${n}] + excluded.answers[${n}]`)}
  ),
  answered_hours as (
    insert into answered_error_hours as a (channel_id, hour, answers)
    select channel_id, date_trunc('hour', minute, 'UTC'), ${eachBucketSql((n) => `sum(answers[${n}])::int`)} from answered
     group by 1, 2 order by 1, 2
    on conflict (channel_id, hour) do update
       set answers = ${eachBucketSql((n) => `a.answers[${n}] + excluded.answers[${n}]`)}
  ),
  rows as (
    insert into error_rows as r (channel_id, minute, reason, detail, status_code, error_count, first_attempt_count,
                                 first_at, last_at)
    select channel_id, minute, reason, detail, status_code, error_count, first_count, first_at, last_at
      from counted order by 1, 2, 3, 4
    on conflict (channel_id, minute, reason, detail) do update
       set error_count = r.error_count + excluded.error_count,
           first_attempt_count = r.first_attempt_count + excluded.first_attempt_count,
           first_at = least(r.first_at, excluded.first_at), last_at = greatest(r.last_at, excluded.last_at)
  ),
  problems_noted as (${noteProblemsSql("counted")}
  )
  insert into error_hours as h (channel_id, hour, reason, detail, error_count, first_attempt_count, first_at, last_at)
  select channel_id, date_trunc('hour', minute, 'UTC'), reason, detail, sum(error_count), sum(first_count), min(first_at),
         max(last_at)
    from counted group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (channel_id, hour, reason, detail) do update
     set error_count = h.error_count + excluded.error_count,
         first_attempt_count = h.first_attempt_count + excluded.first_attempt_count,
         first_at = least(h.first_at, excluded.first_at), last_at = greatest(h.last_at, excluded.last_at)`;
