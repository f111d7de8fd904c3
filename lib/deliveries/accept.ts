import type { Pool, PoolClient } from "pg";
import { AppError } from "#lib/app-error.ts";
import { inTransaction } from "#lib/db.ts";
import { composeBody } from "./events.ts";
import { hashEvents, isHashOf } from "./events-hash.ts";
import { acceptedAtOf, newWebhookId } from "./webhook-id.ts";

export type IntakeRequest = {
  channelId: string;
  /** Each as the text that it was posted in, checked by `parseEvents`. */
  events: readonly string[];
  idempotencyKey: string | null;
};
export type Accepted = { webhookId: string; eventCount: number };

/** Wakes workers: an empty payload tells of work, any other of a channel whose settings changed (engine/worker/listen.ts). */
export const workChannel = "tocsin_work";

type Draft = Accepted & {
  channelId: string;
  body: string;
  events: readonly string[];
  idempotencyKey: string | null;
};
type ChannelRow = { id: string; bot_user_id: string; sends: boolean; now: Date };

/**
 * Takes in webhooks, all of them in one transaction: when it returns they are durable. A result per request, in
 * order: what was accepted, or the refusal (`not_found` for an unknown channel, `conflict` when an Idempotency-Key
 * comes again with other events). While a channel's Use webhook is off, its URL is missing or sending is suspended, the
 * webhook goes to the log as `not_sent`. They are accepted at the database's time: a process whose clock is wrong would have
 * them dropped by retention, or kept for ever.
 */
export async function acceptWebhooks(
  pool: Pool,
  requests: readonly IntakeRequest[],
): Promise<(Accepted | AppError)[]> {
  const channels = await readChannels(pool, requests);
  const drafts = requests.map((request) => draft(request, channels.get(request.channelId)));
  const keyed = drafts.filter(isKeyed);
  const sends = (one: Draft) => channels.get(one.channelId)?.sends === true;
  const repeated = await inOneCommit(pool, drafts, { keyed, sends }, async (client) => {
    const repeated = await claimKeys(client, keyed);
    const fresh = drafts.filter(isDraft).filter((one) => !repeated.has(one.webhookId));
    await enqueue(client, fresh.filter(sends));
    await logNotSent(
      client,
      fresh.filter((one) => !sends(one)),
    );
    return repeated;
  });
  return drafts.map((one) =>
    one instanceof AppError
      ? one
      : (repeated.get(one.webhookId) ?? { webhookId: one.webhookId, eventCount: one.eventCount }),
  );
}

type Queryable = Pick<PoolClient, "query">;

/**
 * A single statement is a transaction of its own: without keys, and with all webhooks going one way, the round trips for
 * begin and commit are spared. Every 202 waits for them.
 */
async function inOneCommit<T>(
  pool: Pool,
  drafts: readonly (Draft | AppError)[],
  { keyed, sends }: { keyed: readonly Draft[]; sends: (one: Draft) => boolean },
  write: (client: Queryable) => Promise<T>,
): Promise<T> {
  const isSingle = keyed.length === 0 && new Set(drafts.filter(isDraft).map(sends)).size <= 1;
  return isSingle ? write(pool) : inTransaction(pool, write);
}

async function readChannels(client: Queryable, requests: readonly IntakeRequest[]) {
  const { rows } = await client.query<ChannelRow>({
    name: "accept_channels",
    text: `select c.id, c.bot_user_id, c.use_webhook and c.webhook_url is not null and h.suspended_at is null as sends,
                  clock_timestamp() as now
             from channels c left join endpoint_health h on h.channel_id = c.id
            where c.id = any($1)`,
    // PostgreSQL refuses a text with NUL, and with it the whole call: no channel is called so.
    values: [
      [...new Set(requests.map((request) => request.channelId))].filter((id) => !id.includes("\0")),
    ],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

function draft(request: IntakeRequest, channel: ChannelRow | undefined): Draft | AppError {
  if (channel === undefined) {
    return new AppError("not_found", `There is no channel ${JSON.stringify(request.channelId)}`);
  }
  return {
    webhookId: newWebhookId(channel.now),
    channelId: request.channelId,
    eventCount: request.events.length,
    body: composeBody(channel.bot_user_id, request.events, channel.now),
    events: request.events,
    idempotencyKey: request.idempotencyKey,
  };
}

const isDraft = (one: Draft | AppError): one is Draft => !(one instanceof AppError);

const isKeyed = (one: Draft | AppError): one is Draft & { idempotencyKey: string } =>
  isDraft(one) && one.idempotencyKey !== null;

/** Which drafts repeat an earlier request, with that request's answer. Keys that are new are taken. */
async function claimKeys(
  client: Queryable,
  keyed: readonly (Draft & { idempotencyKey: string })[],
): Promise<Map<string, Accepted | AppError>> {
  const repeated = new Map<string, Accepted | AppError>();
  if (keyed.length === 0) return repeated;
  const inOrder = keyed.toSorted((a, b) =>
    a.channelId + a.idempotencyKey < b.channelId + b.idempotencyKey ? -1 : 1,
  );
  await client.query(
    `insert into idempotency_keys (channel_id, key, body_hash, webhook_id, event_count)
     select * from unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[], $5::smallint[])
     on conflict (channel_id, key) do nothing`,
    [
      inOrder.map((one) => one.channelId),
      inOrder.map((one) => one.idempotencyKey),
      inOrder.map((one) => hashEvents(one.events)),
      inOrder.map((one) => one.webhookId),
      inOrder.map((one) => one.eventCount),
    ],
  );
  const { rows } = await client.query<{
    channel_id: string;
    key: string;
    body_hash: Buffer;
    webhook_id: string;
    event_count: number;
  }>(
    `select k.channel_id, k.key, k.body_hash, k.webhook_id, k.event_count
       from idempotency_keys k join unnest($1::text[], $2::text[]) as asked (channel_id, key)
         on k.channel_id = asked.channel_id and k.key = asked.key`,
    [keyed.map((one) => one.channelId), keyed.map((one) => one.idempotencyKey)],
  );
  const known = new Map(rows.map((row) => [`${row.channel_id} ${row.key}`, row]));
  for (const one of keyed) {
    const row = known.get(`${one.channelId} ${one.idempotencyKey}`);
    if (row === undefined || row.webhook_id === one.webhookId) continue;
    repeated.set(
      one.webhookId,
      isHashOf(row.body_hash, one.events)
        ? { webhookId: row.webhook_id, eventCount: row.event_count }
        : new AppError(
            "conflict",
            "This Idempotency-Key was used with other events in the last 24 hours",
          ),
    );
  }
  return repeated;
}

/**
 * Queues the webhooks and marks their channels as ready, in one order for all, so that two calls cannot deadlock.
 * Times are cut to the column's milliseconds: rounding could put them into the future, where no claim sees them.
 */
async function enqueue(client: Queryable, drafts: readonly Draft[]): Promise<void> {
  if (drafts.length === 0) return;
  await client.query({
    name: "accept_enqueue",
    text: `with queued as (
             insert into webhook_queue (id, channel_id, lane, due_at, event_count, body, epoch)
             select new.id, new.channel_id, 0, date_trunc('milliseconds', now()), new.event_count, new.body,
                    coalesce(c.first_epoch, 0)
               from unnest($1::uuid[], $2::text[], $3::smallint[], $4::text[]) as new (id, channel_id, event_count, body)
               left join channels c on c.id = new.channel_id
           ),
           ready as (
             insert into ready_channels (lane, channel_id, due_at)
             select 0, channel_id, date_trunc('milliseconds', now()) from unnest($5::text[]) as new (channel_id)
             on conflict (lane, channel_id) do update set due_at = excluded.due_at
               where ready_channels.due_at > excluded.due_at
           )
           select pg_notify($6, '')`,
    values: [
      drafts.map((one) => one.webhookId),
      drafts.map((one) => one.channelId),
      drafts.map((one) => one.eventCount),
      drafts.map((one) => one.body),
      [...new Set(drafts.map((one) => one.channelId))].sort(),
      workChannel,
    ],
  });
}

async function logNotSent(client: Queryable, drafts: readonly Draft[]): Promise<void> {
  if (drafts.length === 0) return;
  await client.query(
    `insert into webhooks (accepted_at, id, channel_id, state, attempts, event_count, finished_at, body)
     select accepted_at, id, channel_id, 'not_sent', 0, event_count, now(), body
       from unnest($1::timestamptz[], $2::uuid[], $3::text[], $4::smallint[], $5::text[])
            as new (accepted_at, id, channel_id, event_count, body)`,
    [
      drafts.map((one) => acceptedAtOf(one.webhookId)),
      drafts.map((one) => one.webhookId),
      drafts.map((one) => one.channelId),
      drafts.map((one) => one.eventCount),
      drafts.map((one) => one.body),
    ],
  );
}
