import type { Pool, PoolClient } from "pg";
import { bucketOf } from "#lib/answer-times/buckets.ts";
import type { ChannelViews } from "#lib/causes/channel-views.ts";
import { chooseCauses } from "#lib/causes/choose-causes.ts";
import type { LikelyCause } from "#lib/causes/schema.ts";
import { inTransaction } from "#lib/db.ts";
import { noteFailures } from "#lib/endpoint-health/note-failures.ts";
import { noteStartsSql } from "#lib/notifications/attempt-starts.ts";
import { countIntoWindows } from "#lib/notifications/count-failures.ts";
import type { NotableFailure } from "#lib/notifications/schema.ts";
import type { ClaimedWebhook } from "#lib/queue/claim.ts";
import { redeliveryDelayMs } from "#lib/queue/schedule.ts";
import type { DeliveryOutcome } from "#lib/transport/schema.ts";
import {
  type CountableError,
  countStored,
  storeErrorsSql,
} from "#lib/webhook-errors/count-errors.ts";
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

/** A recorded attempt: of `failed` the one at `place`, from 1. */
type Row = {
  place: number;
  fate: Fate;
  is_first: boolean;
  /** Use webhook is on, so the failure says something about the bot server as it is set now. */
  is_used: boolean;
  /** Newly stored as an error, since Error statistics aggregation is on. */
  is_stored: boolean;
};

// With its fields named one by one wherever one is made: taking objects apart and joining them cost more than all the rest here.
type Recorded = Failed & { row: Row; likelyCause: LikelyCause | null };

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
    const recorded = await store(client, failed, causes, options);
    // Whoever records for the same channel waits from here on, so what takes long stands above.
    await countStored(client, recorded.filter(({ row }) => row.is_stored).map(toCountable));
    await countIntoWindows(client, recorded.flatMap(toFailures), options.notificationWindowMs);
    await noteFailures(client, recorded.filter(({ row }) => row.is_used).map(toFailedAttempt));
    return new Map(recorded.map(({ webhook, row }) => [webhook.id, row.fate]));
  });
}

/** Every status was answered: one without a time at once. */
const answerBucket = ({ error, times }: Failed["outcome"]): number | null =>
  error.statusCode === null ? null : bucketOf(times.headers ?? 0);

function toFailures({ webhook, outcome, row }: Recorded): NotableFailure[] {
  const detected = failureOf("error_detected", webhook, outcome);
  return row.fate === "stopped"
    ? [detected, failureOf("redelivery_stopped", webhook, outcome)]
    : [detected];
}

const failureOf = (
  type: NotableFailure["type"],
  { channelId }: Failed["webhook"],
  { error, startedAt }: Failed["outcome"],
): NotableFailure => ({
  channelId,
  type,
  statusCode: error.statusCode,
  reason: error.reason,
  detail: error.detail,
  occurredAt: startedAt,
  errorCount: 1,
});

const toCountable = ({ webhook, outcome, row, likelyCause }: Recorded): CountableError => ({
  webhookId: webhook.id,
  attempt: webhook.attempt,
  isFirst: row.is_first,
  channelId: webhook.channelId,
  occurredAt: outcome.startedAt,
  reason: outcome.error.reason,
  detail: outcome.error.detail,
  statusCode: outcome.error.statusCode,
  likelyCause,
  answerBucket: answerBucket(outcome),
});

const toFailedAttempt = ({ webhook: { channelId }, outcome }: Recorded) => ({
  channelId,
  startedAt: outcome.startedAt,
  reason: outcome.error.reason,
  detail: outcome.error.detail,
});

async function store(
  client: PoolClient,
  failed: readonly Failed[],
  causes: readonly (LikelyCause | null)[],
  options: RecordOptions,
): Promise<Recorded[]> {
  const { rows } = await client.query<Row>({
    name: "record_errors",
    text: storeSql,
    values: [
      failed.map(({ webhook }) => webhook.id),
      failed.map(({ webhook }) => webhook.lease),
      failed.map(({ webhook }) => acceptedAtOf(webhook.id).getTime()),
      failed.map(({ outcome }) => outcome.startedAt.getTime()),
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
  return rows.flatMap((row) => {
    const one = failed[row.place - 1];
    if (one === undefined) return [];
    const likelyCause = causes[row.place - 1] ?? null;
    return { webhook: one.webhook, outcome: one.outcome, row, likelyCause };
  });
}

const storeSql = `
  with o as (
    select *, to_timestamp(accepted_ms / 1000) as accepted_at, to_timestamp(started_ms / 1000) as started_at
      from unnest($1::uuid[], $2::uuid[], $3::float8[], $4::float8[], $5::text[], $6::error_reason[],
                  $7::text[], $8::smallint[], $9::text[], $10::text[], $11::text[], $12::bytea[], $13::int[],
                  $14::text[], $15::text[]) with ordinality
           as o (id, lease, accepted_ms, started_ms, url, reason, detail, status_code, phases, note,
                 response_headers, response_body, delay_ms, likely_cause, seen, place)
  ),
  held as (
    select o.place, q.id, q.id as webhook_id, q.channel_id, q.attempt, q.event_count, q.body, o.accepted_at, o.started_at, o.url, o.reason, o.detail,
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
  ),
  stored as (${storeErrorsSql("held where counts", "started_at")}
  )
  select place::int as place, fate, is_first, is_used, id in (select webhook_id from stored) as is_stored
    from held`;
