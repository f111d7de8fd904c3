import type { Pool } from "pg";
import { bucketOf, eachBucketSql } from "#lib/answer-times/buckets.ts";
import type { JudgedAnswer } from "#lib/delivered-answers/schema.ts";
import { recoverySql } from "#lib/endpoint-health/recovery-sql.ts";
import { shownAfterDeliveriesSql } from "#lib/endpoint-health/shown.ts";
import { noteStartsSql } from "#lib/notifications/attempt-starts.ts";
import type { ClaimedWebhook } from "#lib/queue/claim.ts";
import type { DeliveryOutcome } from "#lib/transport/schema.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import { storableJson } from "./storable-json.ts";

export type Delivered = {
  webhook: ClaimedWebhook;
  outcome: Extract<DeliveryOutcome, { state: "delivered" }>;
  /** Absent: nothing is written down of the answer. */
  answer?: JudgedAnswer;
};

/**
 * Ends delivered webhooks: out of the queue, into the log together with the attempt that delivered and any doubt about its
 * answer, and counted per minute and hour, and by answer time,
 * where aggregation is on, and for the channel's threshold where that is a share; answers that are kept are stored; outages that had begun
 * before they started are over. One statement, so all or nothing. A webhook whose lease was lost meanwhile is left alone: its new holder records it. Returns the ids that were
 * recorded. Times travel as milliseconds: a Date costs a microsecond each to write out as text.
 */
export async function recordDelivered(
  pool: Pool,
  delivered: readonly Delivered[],
): Promise<string[]> {
  if (delivered.length === 0) return [];
  const kept = delivered.flatMap(({ webhook, answer }) =>
    answer?.kept ? [{ id: webhook.id, ...answer.kept }] : [],
  );
  const { rows } = await pool.query<{ id: string }>({
    name: "record_delivered",
    text: `with ended as (
             delete from webhook_queue q
              using unnest($1::uuid[], $2::uuid[], $3::float8[], $4::float8[], $5::text[], $6::smallint[],
                           $7::text[], $8::text[], $9::text[], $13::smallint[])
                    as o (id, lease, accepted_ms, started_ms, url, status_code, phases, note, doubt, bucket)
              where q.id = o.id and q.lease = o.lease
             returning q.id, q.channel_id, q.attempt, q.event_count, q.body,
                       to_timestamp(o.accepted_ms / 1000) as accepted_at, to_timestamp(o.started_ms / 1000) as started_at,
                       o.url, o.status_code, o.phases, o.note, o.doubt, o.bucket
           ),
           logged as (
             insert into webhooks (channel_id, accepted_at, id, state, attempts, event_count, finished_at, started_at, url,
                                   status_code, phases, note, doubt, body)
             select channel_id, accepted_at, id, 'delivered', attempt, event_count, now(), started_at, url,
                    status_code, phases::jsonb, note, doubt, body
               from ended
           ),
           kept as (
             insert into delivered_answers (webhook_id, attempt, started_at, channel_id, response_headers, response_body)
             select e.id, e.attempt, e.started_at, e.channel_id, k.headers::jsonb, k.body
               from unnest($10::uuid[], $11::text[], $12::bytea[]) as k (id, headers, body) join ended e on e.id = k.id
           ),
           started as (${noteStartsSql("ended")}),
           counted as (
             select e.channel_id, date_trunc('minute', e.started_at, 'UTC') as minute, count(*)::int as delivered_count,
                    ${eachBucketSql((n) => `count(*) filter (where e.bucket = ${n})::int`)} as answers
               from ended e join channels c on c.id = e.channel_id and c.error_statistics_aggregation
              group by 1, 2 order by 1, 2
           ),
           minutes as (
             insert into delivered_minutes as d (channel_id, minute, delivered_count, answers) select * from counted
             on conflict (channel_id, minute) do update set delivered_count = d.delivered_count + excluded.delivered_count,
               answers = ${eachBucketSql((n) => `coalesce(d.answers[${n}], 0) + excluded.answers[${n}]`)}
           ),
           hours as (
             insert into delivered_hours as d (channel_id, hour, delivered_count, answers)
             select channel_id, date_trunc('hour', minute, 'UTC'), sum(delivered_count)::int,
                    ${eachBucketSql((n) => `sum(answers[${n}])::int`)} from counted
              group by 1, 2 order by 1, 2
             on conflict (channel_id, hour) do update set delivered_count = d.delivered_count + excluded.delivered_count,
               answers = ${eachBucketSql((n) => `coalesce(d.answers[${n}], 0) + excluded.answers[${n}]`)}
           ),
           d as materialized (
             select h.channel_id, latest.delivered_at, coalesce(h.failing_since < latest.delivered_at, false) as recovers,
                    (select count(*) from ended e
                      where e.channel_id = h.channel_id and e.started_at > h.last_failure_at)::int as good_count
               from (select channel_id, max(started_at) as delivered_at from ended group by 1) latest
               join endpoint_health h on h.channel_id = latest.channel_id
                and (h.failing_since < latest.delivered_at or h.shown_since is not null)
              order by h.channel_id for update of h
           ),
           recovered as (
             update endpoint_health h ${recoverySql}, ${shownAfterDeliveriesSql}
               from d where h.channel_id = d.channel_id and d.recovers
           ),
           recovering as (
             update endpoint_health h set ${shownAfterDeliveriesSql} from d where h.channel_id = d.channel_id and not d.recovers
           )
           select id from ended`,
    values: [
      delivered.map((one) => one.webhook.id),
      delivered.map((one) => one.webhook.lease),
      delivered.map((one) => acceptedAtOf(one.webhook.id).getTime()),
      delivered.map((one) => one.outcome.startedAt.getTime()),
      delivered.map((one) => one.webhook.url),
      delivered.map((one) => one.outcome.statusCode),
      delivered.map((one) => JSON.stringify(one.outcome.times)),
      delivered.map((one) => one.outcome.note),
      delivered.map((one) => one.answer?.doubt ?? null),
      kept.map((one) => one.id),
      kept.map((one) => storableJson(one.headers)),
      kept.map((one) => one.body),
      // What was delivered was answered: without a time it was at once.
      delivered.map((one) => bucketOf(one.outcome.times.headers ?? 0)),
    ],
  });
  return rows.map((row) => row.id);
}
