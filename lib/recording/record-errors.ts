import type { Pool, PoolClient } from "pg";
import { bucketOf } from "#lib/answer-times/buckets.ts";
import type { ChannelViews } from "#lib/causes/channel-views.ts";
import { chooseCauses } from "#lib/causes/choose-causes.ts";
import type { LikelyCause } from "#lib/causes/schema.ts";
import { inTransaction } from "#lib/db.ts";
import { noteFailures } from "#lib/endpoint-health/note-failures.ts";
import { noteStartsSql } from "#lib/notifications/attempt-starts.ts";
import { countIntoWindows } from "#lib/notifications/count-failures.ts";
import type { ClaimedWebhook } from "#lib/queue/claim.ts";
import { redeliveryDelayMs } from "#lib/queue/schedule.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import type { DeliveryOutcome } from "#lib/transport/schema.ts";
import { countErrors } from "#lib/webhook-errors/count-errors.ts";
import { acceptedAtOf } from "#lib/webhooks/webhook-id.ts";
import { storableJson } from "./storable-json.ts";

export type Failed = {
  webhook: ClaimedWebhook;
  outcome: Extract<DeliveryOutcome, { state: "error" }>;
};

export type RecordOptions = {
  scheduleMs: readonly number[];
  notificationWindowMs: number;
  /** A number in [0, 1). */
  random: () => number;
  /** What other attempts saw, for the likely causes; absent: they are chosen from each attempt alone. */
  viewsOf?: ChannelViews;
};

/** What became of a webhook after a failed attempt. */
export type Fate = "redelivered" | "stopped" | "failed" | "cancelled";

type Row = {
  id: string;
  attempt: number;
  channel_id: string;
  fate: Fate;
  reason: ErrorReason;
  detail: string;
  status_code: number | null;
  likely_cause: LikelyCause | null;
  is_first: boolean;
  started_at: Date;
  /** Use webhook is on, so the failure says something about the bot server as it is set now. */
  is_used: boolean;
  /** Error statistics aggregation is on. */
  counts: boolean;
};

/**
 * Records failed attempts in one transaction: the attempt stored and counted for the channel's threshold, the error stored and counted into its row where
 * aggregation is on, the notification windows counted, the bot server's health noted, and the redelivery scheduled or
 * the webhook ended, by the switches as they are now. A row is counted only from errors newly stored here, and an
 * attempt whose lease was lost is left alone, so each attempt is counted exactly once. The likely causes are chosen before
 * the transaction begins and stored in it. Returns the fate of each recorded webhook by id.
 */
export async function recordErrors(
  pool: Pool,
  failed: readonly Failed[],
  options: RecordOptions,
): Promise<Map<string, Fate>> {
  if (failed.length === 0) return new Map();
  const causes = await chooseCauses(failed, options.viewsOf);
  return inTransaction(pool, async (client) => {
    const rows = await store(client, failed, causes, options);
    // Whoever records for the same channel waits from here on, so what takes long stands above.
    const buckets = new Map(
      failed.map(({ webhook, outcome }) => [webhook.id, answerBucket(outcome)]),
    );
    const counted = rows.filter((row) => row.counts);
    await countErrors(
      client,
      counted.map((row) => ({ ...toCountable(row), answerBucket: buckets.get(row.id) ?? null })),
    );
    await countIntoWindows(client, rows.flatMap(toFailures), options.notificationWindowMs);
    await noteFailures(client, rows.filter((row) => row.is_used).map(toFailedAttempt));
    return new Map(rows.map((row) => [row.id, row.fate]));
  });
}

/** Every status was answered: one without a time at once. */
const answerBucket = ({ error, times }: Failed["outcome"]): number | null =>
  error.statusCode === null ? null : bucketOf(times.headers ?? 0);

function toFailures(row: Row) {
  const failure = {
    channelId: row.channel_id,
    statusCode: row.status_code,
    reason: row.reason,
    detail: row.detail,
    occurredAt: row.started_at,
    errorCount: 1,
  };
  const detected = { ...failure, type: "error_detected" as const };
  return row.fate === "stopped"
    ? [detected, { ...failure, type: "redelivery_stopped" as const }]
    : [detected];
}

const toCountable = (row: Row) => ({
  webhookId: row.id,
  attempt: row.attempt,
  isFirst: row.is_first,
  channelId: row.channel_id,
  occurredAt: row.started_at,
  reason: row.reason,
  detail: row.detail,
  statusCode: row.status_code,
  likelyCause: row.likely_cause,
});

const toFailedAttempt = (row: Row) => ({
  channelId: row.channel_id,
  startedAt: row.started_at,
  reason: row.reason,
  detail: row.detail,
});

async function store(
  client: PoolClient,
  failed: readonly Failed[],
  causes: readonly (LikelyCause | null)[],
  options: RecordOptions,
): Promise<Row[]> {
  const { rows } = await client.query<Row>({
    name: "record_errors",
    text: storeSql,
    values: [
      failed.map(({ webhook }) => webhook.id),
      failed.map(({ webhook }) => webhook.lease),
      failed.map(({ webhook }) => acceptedAtOf(webhook.id)),
      failed.map(({ outcome }) => outcome.startedAt),
      failed.map(({ webhook }) => webhook.url ?? ""),
      failed.map(({ outcome }) => outcome.error.reason),
      failed.map(({ outcome }) => outcome.error.detail),
      failed.map(({ outcome }) => outcome.error.statusCode),
      failed.map(({ outcome }) => JSON.stringify(outcome.times)),
      failed.map(({ outcome }) => outcome.note),
      failed.map(({ outcome }) => outcome.response && storableJson(outcome.response.headers)),
      failed.map(({ outcome }) => outcome.response?.body ?? null),
      failed.map(({ webhook, outcome }) =>
        redeliveryDelayMs({
          failures: webhook.failures + 1,
          statusCode: outcome.error.statusCode,
          retryAfterMs: outcome.retryAfterMs,
          scheduleMs: options.scheduleMs,
          random: options.random(),
        }),
      ),
      causes,
      failed.map(({ outcome }) => storableJson(outcome.seen)),
    ],
  });
  return rows;
}

const storeSql = `
  with o as (
    select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::error_reason[],
                         $7::text[], $8::smallint[], $9::text[], $10::text[], $11::text[], $12::bytea[], $13::int[],
                         $14::text[], $15::text[])
           as o (id, lease, accepted_at, started_at, url, reason, detail, status_code, phases, note,
                 response_headers, response_body, delay_ms, likely_cause, seen)
  ),
  held as (
    select q.id, q.channel_id, q.attempt, q.event_count, q.body, o.accepted_at, o.started_at, o.url, o.reason, o.detail,
           o.status_code, o.phases, o.note, o.response_headers, o.response_body, o.delay_ms, o.likely_cause, o.seen,
           coalesce(c.error_statistics_aggregation, false) as counts,
           coalesce(c.use_webhook, false) as is_used,
           -- By what was recorded, not by its number: a crash may have cut earlier attempts off. Index: webhook_attempts
           -- (webhook_id), in the partitions since it came (a day earlier where clocks differ); mostly it is not asked.
           q.failures = 0 and (q.attempt = 1 or not exists (
             select from webhook_attempts a
              where a.webhook_id = q.id and a.started_at >= o.accepted_at - interval '1 day'
           )) as is_first,
           c.redelivery_epoch,
           case when c.id is null or not c.use_webhook or h.suspended_at is not null then 'cancelled'
                -- Switched off and on again while it was in hand.
                when q.epoch < case q.lane when 0 then c.first_epoch else c.redelivery_epoch end then 'cancelled'
                when not c.webhook_redelivery then case when q.failures = 0 then 'failed' else 'cancelled' end
                when o.delay_ms is null then 'stopped'
                else 'redelivered' end as fate
      from webhook_queue q join o on q.id = o.id and q.lease = o.lease left join channels c on c.id = q.channel_id
      left join endpoint_health h on h.channel_id = q.channel_id
       for update of q
  ),
  scheduled as (
    update webhook_queue q
       set lane = 1, epoch = held.redelivery_epoch, lease = null, lease_until = null, failures = q.failures + 1, unrecorded_count = 0, defect = null,
           due_at = now() + held.delay_ms * interval '1 ms'
      from held where q.id = held.id and held.fate = 'redelivered'
    returning q.channel_id, q.due_at
  ),
  ready as (
    insert into ready_channels (lane, channel_id, due_at)
    select 1, channel_id, min(due_at) from scheduled group by channel_id order by channel_id
    on conflict (lane, channel_id) do update set due_at = excluded.due_at where ready_channels.due_at > excluded.due_at
  ),
  started as (${noteStartsSql("held")}),
  ended as (
    delete from webhook_queue q using held where q.id = held.id and held.fate <> 'redelivered'
  ),
  logged as (
    insert into webhooks (accepted_at, id, channel_id, state, attempts, event_count, finished_at, body, reason, detail,
                          likely_cause, status_code, phases)
    select accepted_at, id, channel_id, fate::webhook_state, attempt, event_count, now(), body, reason, detail,
           likely_cause, status_code, phases::jsonb
      from held where fate <> 'redelivered'
  ),
  tried as (
    insert into webhook_attempts (started_at, webhook_id, attempt, channel_id, url, reason, detail, status_code, phases,
                                  note, response_headers, response_body, likely_cause, seen)
    select started_at, id, attempt, channel_id, url, reason, detail, status_code, phases::jsonb,
           note, response_headers::jsonb, response_body, likely_cause, seen::jsonb
      from held
  )
  select id, attempt, channel_id, fate, reason, detail, status_code, likely_cause, started_at, is_first, is_used, counts from held`;
