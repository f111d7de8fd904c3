import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import { hashSecret, newSecret } from "#lib/accounts/secrets.ts";

/** What the pages show: 100 channels of a person, a tenth of which fail. The first has the errors and the log that are looked at. */
const channelCount = 100;
const providerCount = 8;
const failingCount = 10;
const errorCount = 3_000;
const webhookCount = 3_000;
const firstChannel = 3_000_000_001;
const firstProvider = 1_000_000_001;

export type Filled = { sessionId: string; channelId: string };

/**
 * Fills a database that some build has migrated, by what every build's tables have in common, and opens a session. Minutes and
 * hours are counted from the errors by each build.
 */
export async function fill(pool: Pool): Promise<Filled> {
  const userId = randomUUID();
  const sessionId = newSecret();
  await pool.query(
    `insert into users (id, email, name, email_verified_at) values ($1, 'bench@example.com', 'Bench Person', now())`,
    [userId],
  );
  await pool.query(
    `insert into sessions (id_hash, user_id, expires_at, method) values ($1, $2, now() + interval '6 days', 'password')`,
    [hashSecret(sessionId), userId],
  );
  await fillChannels(pool, userId);
  for (let failing = 0; failing < failingCount; failing += 1) {
    const count = failing === 0 ? errorCount : errorCount / 20;
    await fillErrors(pool, String(firstChannel + failing), count);
  }
  await fillLog(pool, String(firstChannel));
  return { sessionId, channelId: String(firstChannel) };
}

async function fillChannels(pool: Pool, userId: string): Promise<void> {
  await pool.query(
    `with made as (insert into providers (id, name)
       select ($1::bigint + n)::text, 'Provider ' || n + 1 from generate_series(0, $2::int - 1) n returning id)
     insert into provider_members (provider_id, user_id, role) select id, $3::uuid, 'admin' from made`,
    [firstProvider, providerCount, userId],
  );
  await pool.query(
    `with made as (insert into channels (id, provider_id, name, description, email, bot_user_id, sealed_secret, webhook_url,
                                         use_webhook, webhook_redelivery, error_statistics_aggregation, created_at)
       select ($1::bigint + n)::text, ($2::bigint + n % $3::int)::text, 'Harbour desk ' || n + 1, 'Made for a bench.',
              'bench@example.com', 'U' || md5(n::text), 'none', 'https://bots.example.com/' || n, true, true, true,
              now() - interval '40 days'
         from generate_series(0, $4::int - 1) n returning id),
     counted as (insert into counting_periods (id, channel_id, started_at)
       select gen_random_uuid(), id, now() - interval '40 days' from made)
     insert into channel_members (channel_id, user_id, role) select id, $5::uuid, 'admin' from made`,
    [firstChannel, firstProvider, providerCount, channelCount, userId],
  );
  await pool.query(
    `insert into endpoint_health (channel_id, failing_since, last_failure_at, failed_count, reason, detail, is_settled)
     select ($1::bigint + n)::text, now() - interval '1 hour' * (n + 1), now() - interval '1 minute', 9, 'error_status_code', '503', true
       from generate_series(0, $2::int - 1) n`,
    [firstChannel, failingCount],
  );
}

/** Over the last day, of six kinds, and deliveries between them. */
async function fillErrors(pool: Pool, channelId: string, count: number): Promise<void> {
  await pool.query(
    `with made as (
       select i, date_trunc('milliseconds', now() - interval '23 hours' * i / $2::int - interval '1 minute') as at,
              md5(i::text || $1)::uuid as id
         from generate_series(1, $2::int) i
     ), classed as (
       select made.*, kinds.* from made join (values
         (0, 'error_status_code', '503', 503::smallint), (1, 'request_timeout', 'Request timeout', null),
         (2, 'could_not_connect', 'Connection failed', null), (3, 'error_status_code', '500', 500),
         (4, 'could_not_connect', 'TLS handshake failure', null), (5, 'unclassified', 'Session closed unexpectedly', null)
       ) as kinds (kind, reason, detail, status_code) on kind = i % 6
     ), tried as (
       insert into webhook_attempts (started_at, webhook_id, attempt, channel_id, url, reason, detail, status_code, phases)
       select at, id, 1, $1, 'https://bots.example.com/webhook', reason::error_reason, detail, status_code, '{"dns": 1.2, "tcp": 8.4, "total": 12.1}'
         from classed
     )
     insert into webhook_errors (occurred_at, webhook_id, attempt, channel_id, reason, detail, status_code)
     select at, id, 1, $1, reason::error_reason, detail, status_code from classed`,
    [channelId, count],
  );
  await pool.query(
    `with minutes as (
       insert into delivered_minutes (channel_id, minute, delivered_count)
       select $1, minute, 20 + extract(minute from minute)::int
         from generate_series(date_trunc('minute', now() - interval '1 day', 'UTC'), now() - interval '1 minute', interval '1 minute') minute
       returning channel_id, minute, delivered_count)
     insert into delivered_hours (channel_id, hour, delivered_count)
     select channel_id, date_trunc('hour', minute, 'UTC'), sum(delivered_count)::int from minutes group by 1, 2`,
    [channelId],
  );
}

async function fillLog(pool: Pool, channelId: string): Promise<void> {
  await pool.query(
    `insert into webhooks (channel_id, accepted_at, id, state, attempts, event_count, finished_at, started_at, url, status_code, phases, body)
     select $1, at, md5('log' || i)::uuid, (case when i % 10 = 7 then 'stopped' else 'delivered' end)::webhook_state, 1, 1,
            at + interval '50 ms', at, 'https://bots.example.com/webhook', case when i % 10 = 7 then 503 else 200 end,
            jsonb_build_object('tcp', 8.4, 'total', 41.3),
            '{"destination":"U0123456789abcdef0123456789abcdef","events":[{"type":"message","message":{"type":"text","id":"'
            || i || '","text":"Two flat whites, please."},"source":{"type":"user","userId":"U0123456789abcdef0123456789abcdef"},'
            || '"webhookEventId":"01' || substr(upper(md5(i::text)), 1, 24)
            || '","deliveryContext":{"isRedelivery":false},"timestamp":1795369540782,"mode":"active"}]}'
       from generate_series(1, $2::int) i,
            lateral (select date_trunc('milliseconds', now() - interval '23 hours' * i / $2::int - interval '1 minute') as at) t`,
    [channelId, webhookCount],
  );
}
