import type { PoolClient } from "pg";
import { eachBucketSql } from "#lib/answer-times/buckets.ts";
import type { LikelyCause } from "#lib/causes/schema.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import { noteProblemsSql } from "./problem-sql.ts";

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
 * Stores errors, counts the newly stored ones into their minutes and hours, and notes them in their problems, in the caller's
 * open transaction. Everything
 * is stored before the first count is touched: counts of a channel are locked until the transaction ends, and whoever
 * counts for it meanwhile waits.
 */
export async function countErrors(
  client: PoolClient,
  errors: readonly CountableError[],
): Promise<void> {
  if (errors.length === 0) return;
  await client.query({
    name: "count_errors",
    text: countSql,
    values: [
      errors.map((error) => error.occurredAt),
      errors.map((error) => error.webhookId),
      errors.map((error) => error.attempt),
      errors.map((error) => error.channelId),
      errors.map((error) => error.reason),
      errors.map((error) => error.detail),
      errors.map((error) => error.statusCode),
      errors.map((error) => error.likelyCause),
      errors.map((error) => error.isFirst),
      errors.map((error) => error.answerBucket ?? null),
    ],
  });
}

const countSql = `
  with stored as (
    insert into webhook_errors (occurred_at, webhook_id, attempt, channel_id, reason, detail, status_code, likely_cause,
                                is_first)
    select * from unnest($1::timestamptz[], $2::uuid[], $3::smallint[], $4::text[], $5::error_reason[], $6::text[], $7::smallint[],
                         $8::text[], $9::bool[])
    on conflict do nothing
    returning occurred_at, webhook_id, attempt, is_first, channel_id, reason, detail, status_code
  ),
  answered as (
    select s.channel_id, date_trunc('minute', s.occurred_at, 'UTC') as minute,
           ${eachBucketSql((n) => `count(*) filter (where g.bucket = ${n})::int`)} as answers
      from stored s join unnest($2::uuid[], $3::smallint[], $10::smallint[]) as g (webhook_id, attempt, bucket)
        on g.webhook_id = s.webhook_id and g.attempt = s.attempt and g.bucket is not null
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
    select channel_id, date_trunc('minute', occurred_at, 'UTC'), reason, detail, status_code, count(*),
           count(*) filter (where is_first), min(occurred_at), max(occurred_at)
      from stored group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4
    on conflict (channel_id, minute, reason, detail) do update
       set error_count = r.error_count + excluded.error_count,
           first_attempt_count = r.first_attempt_count + excluded.first_attempt_count,
           first_at = least(r.first_at, excluded.first_at), last_at = greatest(r.last_at, excluded.last_at)
  ),
  problems_noted as (${noteProblemsSql("stored")}
  )
  insert into error_hours as h (channel_id, hour, reason, detail, error_count, first_attempt_count, first_at, last_at)
  select channel_id, date_trunc('hour', occurred_at, 'UTC'), reason, detail, count(*), count(*) filter (where is_first),
         min(occurred_at), max(occurred_at)
    from stored group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (channel_id, hour, reason, detail) do update
     set error_count = h.error_count + excluded.error_count,
         first_attempt_count = h.first_attempt_count + excluded.first_attempt_count,
         first_at = least(h.first_at, excluded.first_at), last_at = greatest(h.last_at, excluded.last_at)`;
