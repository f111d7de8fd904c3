import type { Pool, PoolClient } from "pg";
import { sampleEvent } from "#e2e/demo/sample-event.ts";
import { bucketOf, eachBucketSql } from "#lib/answer-times/buckets.ts";
import { inTransaction } from "#lib/db.ts";
import { noteFailures } from "#lib/endpoint-health/note-failures.ts";
import { composeBody } from "#lib/queue/events.ts";
import { makePartitions } from "#lib/retention/make-partitions.ts";
import { poolTime } from "#lib/time/database-time.ts";
import { type CountableError, countErrors } from "#lib/webhook-errors/count-errors.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";
import { stories } from "./story.ts";
import { type PastAttempt, type PastWebhook, startOf, tellPast } from "./tell-past.ts";

const dayMs = 86_400_000;
const days = 30;
/** Webhooks to a statement. */
const batchSize = 2_000;

type Channel = {
  id: string;
  name: string;
  webhook_url: string;
  bot_user_id: string;
  counts: boolean;
  is_redelivered: boolean;
};
type Written = PastWebhook & { id: string };

/**
 * Gives the sample channels thirty days of past, once: log, attempts, errors, counts and health agree with each other as if
 * the product had recorded them. All or nothing; a world that already has a log is left as it is.
 * @returns webhooks written
 */
export async function writePast(pool: Pool): Promise<number> {
  const to = await poolTime(pool);
  const from = new Date(to.getTime() - days * dayMs);
  if ((await pool.query("select from webhooks limit 1")).rowCount !== 0) return 0;
  await makePartitions(pool, { from, to });
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<Channel>(
      `select id, name, webhook_url, bot_user_id, error_statistics_aggregation as counts,
              webhook_redelivery as is_redelivered
         from channels where webhook_url is not null and use_webhook order by name`,
    );
    await client.query("update channels set created_at = $1", [from]);
    await client.query("update counting_periods set started_at = $1", [from]);
    await client.query(secretIssuedSql, ["Orders bot", new Date(secretIssuedAt(to))]);
    let count = 0;
    for (const channel of rows) count += await writeChannel(client, channel, { from, to });
    return count;
  });
}

async function writeChannel(
  client: PoolClient,
  channel: Channel,
  span: { from: Date; to: Date },
): Promise<number> {
  const story = stories[channel.name];
  if (story === undefined) return 0;
  const random = randomOf(channel.name);
  const told = tellPast(story, { ...span, isRedelivered: channel.is_redelivered, random });
  const all = [...told].map((one): Written => ({ ...one, id: newWebhookId(one.acceptedAt) }));
  for (let at = 0; at < all.length; at += batchSize) {
    const batch = all.slice(at, at + batchSize);
    await writeLog(client, channel, batch, random);
    const failed = batch.flatMap(failuresOf);
    await writeAttempts(client, channel, failed);
    if (!channel.counts) continue;
    await countErrors(
      client,
      failed.map((one) => toCountable(channel.id, one)),
    );
    await countDelivered(client, channel.id, batch);
  }
  await noteHealth(client, channel.id, all);
  return all.length;
}

type FailedAttempt = PastAttempt & { webhookId: string; attempt: number };

const failuresOf = ({ id, attempts }: Written): FailedAttempt[] =>
  attempts.flatMap((one, index) =>
    one.fault === null ? [] : [{ ...one, webhookId: id, attempt: index + 1 }],
  );

function toCountable(channelId: string, { webhookId, attempt, ...one }: FailedAttempt) {
  const { error, likelyCause, times } = faultOf(one);
  return {
    ...{ webhookId, attempt, channelId, likelyCause, isFirst: attempt === 1 },
    ...{ occurredAt: one.startedAt, reason: error.reason, detail: error.detail },
    statusCode: error.statusCode,
    answerBucket: error.statusCode === null ? null : bucketOf(times.headers),
  } satisfies CountableError;
}

function faultOf({ fault }: Pick<PastAttempt, "fault">) {
  if (fault === null) throw new Error("An attempt that was delivered has no fault.");
  return fault;
}

async function writeLog(
  client: PoolClient,
  channel: Channel,
  webhooks: readonly Written[],
  random: () => number,
): Promise<void> {
  const delivered = (one: Written) => (one.state === "delivered" ? one.attempts.at(-1) : undefined);
  const ended = webhooks.map((one) => one.attempts.at(-1)?.fault ?? null);
  const events = webhooks.map(({ acceptedAt }) => sampleEvent(acceptedAt, random));
  // The times of the attempt that ended it.
  const phasesOf = (one: Written, index: number) => {
    const answerMs = one.attempts.at(-1)?.answerMs ?? 0;
    return ended[index]?.times ?? { headers: answerMs, total: answerMs };
  };
  await client.query(
    `insert into webhooks (channel_id, accepted_at, id, state, attempts, event_count, finished_at, started_at, url,
                           status_code, phases, body, reason, detail, likely_cause)
     select $1, accepted_at, id, state::webhook_state, attempts, 1, finished_at, started_at,
            case when started_at is not null then $2 end, status_code, phases::jsonb, body, reason, detail, likely_cause
       from unnest($3::timestamptz[], $4::uuid[], $5::text[], $6::smallint[], $7::timestamptz[], $8::timestamptz[],
                   $9::smallint[], $10::text[], $11::text[], $12::error_reason[], $13::text[], $14::text[])
            as o (accepted_at, id, state, attempts, finished_at, started_at, status_code, phases, body, reason, detail,
                  likely_cause)`,
    [
      channel.id,
      channel.webhook_url,
      webhooks.map((one) => one.acceptedAt),
      webhooks.map((one) => one.id),
      webhooks.map((one) => one.state),
      webhooks.map((one) => one.attempts.length),
      webhooks.map(endOf),
      webhooks.map((one) => delivered(one)?.startedAt ?? null),
      ended.map((fault) => (fault === null ? 200 : fault.error.statusCode)),
      webhooks.map((one, index) => JSON.stringify(phasesOf(one, index))),
      webhooks.map(({ acceptedAt }, index) =>
        composeBody(channel.bot_user_id, [JSON.stringify(events[index])], acceptedAt),
      ),
      ended.map((fault) => fault?.error.reason ?? null),
      ended.map((fault) => fault?.error.detail ?? null),
      ended.map((fault) => fault?.likelyCause ?? null),
    ],
  );
  await client.query(
    `insert into webhook_sources (channel_id, source_id, accepted_at, webhook_id)
     select $1, * from unnest($2::text[], $3::timestamptz[], $4::uuid[])`,
    [
      channel.id,
      events.map(({ source }) => source.userId),
      webhooks.map((one) => one.acceptedAt),
      webhooks.map((one) => one.id),
    ],
  );
}

function endOf({ attempts, acceptedAt }: Written): Date {
  const last = attempts.at(-1);
  if (last === undefined) return acceptedAt;
  return new Date(last.startedAt.getTime() + (last.fault?.times.total ?? last.answerMs));
}

async function writeAttempts(
  client: PoolClient,
  channel: Channel,
  failed: readonly FailedAttempt[],
): Promise<void> {
  const found = failed.map(faultOf);
  await client.query(
    `insert into webhook_attempts (started_at, webhook_id, attempt, channel_id, url, reason, detail, status_code, phases,
                                   response_headers, response_body, likely_cause, seen)
     select started_at, webhook_id, attempt, $1, $2, reason, detail, status_code, phases::jsonb, headers::jsonb, body,
            likely_cause, seen::jsonb
       from unnest($3::timestamptz[], $4::uuid[], $5::smallint[], $6::error_reason[], $7::text[], $8::smallint[],
                   $9::text[], $10::text[], $11::bytea[], $12::text[], $13::text[])
            as o (started_at, webhook_id, attempt, reason, detail, status_code, phases, headers, body, likely_cause, seen)`,
    [
      channel.id,
      channel.webhook_url,
      failed.map((one) => one.startedAt),
      failed.map((one) => one.webhookId),
      failed.map((one) => one.attempt),
      found.map(({ error }) => error.reason),
      found.map(({ error }) => error.detail),
      found.map(({ error }) => error.statusCode),
      found.map(({ times }) => JSON.stringify(times)),
      found.map(({ answer }) => answer && JSON.stringify(answer.headers)),
      found.map(({ answer }) => answer?.body ?? null),
      found.map(({ likelyCause }) => likelyCause),
      found.map(({ seen }) => JSON.stringify(seen)),
    ],
  );
}

/** Counted as recording counts them: by the start of the attempt that delivered. */
async function countDelivered(
  client: PoolClient,
  channelId: string,
  webhooks: readonly Written[],
): Promise<void> {
  const answered = webhooks.flatMap((one) => {
    const last = one.attempts.at(-1);
    return one.state === "delivered" && last !== undefined ? [last] : [];
  });
  const counted = [
    channelId,
    answered.map((one) => one.startedAt),
    answered.map((one) => bucketOf(one.answerMs)),
  ];
  // Batches end at any webhook, so a minute may be in two of them.
  const each = eachBucketSql((n) => `count(*) filter (where bucket = ${n})::int`);
  const sum = eachBucketSql((n) => `d.answers[${n}] + excluded.answers[${n}]`);
  for (const [table, unit] of [
    ["delivered_minutes", "minute"],
    ["delivered_hours", "hour"],
  ]) {
    await client.query(
      `insert into ${table} as d (channel_id, ${unit}, delivered_count, answers)
       select $1, date_trunc('${unit}', at, 'UTC'), count(*), ${each}
         from unnest($2::timestamptz[], $3::int[]) as o (at, bucket) group by 2
       on conflict (channel_id, ${unit}) do update
          set delivered_count = d.delivered_count + excluded.delivered_count, answers = ${sum}`,
      counted,
    );
  }
}

/** Only what failed after the last delivery still tells how the bot server stands. */
async function noteHealth(
  client: PoolClient,
  channelId: string,
  webhooks: readonly Written[],
): Promise<void> {
  const good = webhooks.findLastIndex(({ state }) => state === "delivered");
  const failed = webhooks.slice(good + 1).flatMap(failuresOf);
  // One by one, as they came: whether it is shown as failing depends on how many came in a row.
  for (const one of failed.slice(0, 10)) await note(client, channelId, [one]);
  await note(client, channelId, failed.slice(10));
}

const note = (client: PoolClient, channelId: string, failed: readonly FailedAttempt[]) =>
  noteFailures(
    client,
    failed.map((one) => ({ channelId, startedAt: one.startedAt, ...faultOf(one).error })),
  );

/** A minute before the release that went on checking signatures with the secret before. */
function secretIssuedAt(to: Date): number {
  const [release] = stories["Orders bot"]?.chapters ?? [];
  if (release === undefined) throw new Error("The Orders bot has no release in its past.");
  return startOf(release, to) - 60_000;
}

const secretIssuedSql = `
  insert into audit_entries (at, action, result, actor_kind, actor_id, actor_name, channel_id)
  select $2::timestamptz, 'secret_issued', 'done', 'user', u.id::text, u.name, c.id
    from channels c, users u where c.name = $1 and u.email = 'admin@example.com'`;

/** The same numbers in [0, 1) for the same text, whatever the machine: Lehmer's generator. */
function randomOf(text: string): () => number {
  let state = [...text].reduce(
    (sum, one) => (sum * 31 + (one.codePointAt(0) ?? 0)) % 2147483647,
    7,
  );
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
