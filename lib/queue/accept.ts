import type { Pool } from "pg";
import { AppError } from "#lib/app-error.ts";
import { acceptedAtOf, newWebhookId } from "#lib/webhooks/webhook-id.ts";
import { composeBody } from "./events.ts";
import { hashEvents, isHashOf } from "./events-hash.ts";
import { type SourceRow, sourceRows } from "./sources.ts";

export type IntakeRequest = {
  channelId: string;
  /** Each as the text that it was posted in, checked by `parseEvents`. */
  events: readonly string[];
  idempotencyKey: string | null;
};
export type Accepted = { webhookId: string; eventCount: number };

/** Wakes workers: an empty payload tells of work, any other of a channel whose settings changed (engine/worker/delivery/listen.ts). */
export const workChannel = "tocsin_work";

type Draft = Accepted & {
  channelId: string;
  body: string;
  events: readonly string[];
  idempotencyKey: string | null;
  /** Its channel is being sent to. */
  sends: boolean;
};
type ChannelRow = { id: string; bot_user_id: string; sends: boolean; now: Date };

/**
 * Takes in webhooks: when it returns they are durable. All are written by one statement, so all or nothing, and no lock
 * waits for this process. A result per request, in order: what was accepted, or the refusal (`not_found` for an unknown
 * channel, `conflict` when an Idempotency-Key comes again with other events). While a channel's Use webhook is off, its URL
 * is missing or sending is suspended, the webhook goes to the log as `not_sent`. They are accepted at the database's time: a
 * process whose clock is wrong would have them dropped by retention, or kept for ever.
 */
export async function acceptWebhooks(
  pool: Pool,
  requests: readonly IntakeRequest[],
): Promise<(Accepted | AppError)[]> {
  const channels = await readChannels(pool, requests);
  const drafts = requests.map((request) => draft(request, channels.get(request.channelId)));
  const fresh = drafts.filter(isDraft);
  const repeated = fresh.every((one) => one.idempotencyKey === null && one.sends)
    ? await enqueue(pool, fresh)
    : await storeOnce(pool, fresh);
  return drafts.map((one) =>
    one instanceof AppError
      ? one
      : (repeated.get(one.webhookId) ?? { webhookId: one.webhookId, eventCount: one.eventCount }),
  );
}

/** Drafts that came before, by their own id, with the answer of then. */
type Repeated = Map<string, Accepted | AppError>;

async function readChannels(pool: Pool, requests: readonly IntakeRequest[]) {
  const { rows } = await pool.query<ChannelRow>({
    name: "accept_channels",
    text: `select c.id, c.bot_user_id, c.use_webhook and c.webhook_url is not null and h.suspended_at is null as sends,
                  clock_timestamp() as now
             from unnest($1::text[]) as asked (id) join channels c on c.id = asked.id
             left join endpoint_health h on h.channel_id = c.id`,
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
    sends: channel.sends,
  };
}

const isDraft = (one: Draft | AppError): one is Draft => !(one instanceof AppError);

/**
 * Queues the webhooks and marks their channels as ready, in one order for all, so that two calls cannot deadlock.
 * Times are cut to the column's milliseconds: rounding could put them into the future, where no claim sees them.
 */
async function enqueue(pool: Pool, drafts: readonly Draft[]): Promise<Repeated> {
  if (drafts.length === 0) return new Map();
  await pool.query({
    name: "accept_enqueue",
    text: `with queued as (
             insert into webhook_queue (id, channel_id, lane, due_at, event_count, body, epoch)
             select new.id, new.channel_id, 0, date_trunc('milliseconds', now()), new.event_count, new.body,
                    coalesce(c.first_epoch, 0)
               from unnest($1::uuid[], $2::text[], $3::smallint[], $4::text[]) as new (id, channel_id, event_count, body)
               left join channels c on c.id = new.channel_id
           ),
           sources as (
             insert into webhook_sources (channel_id, source_id, accepted_at, webhook_id)
             select * from unnest($7::text[], $8::text[], $9::timestamptz[], $10::uuid[])
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
      ...sourceColumns(sourceRows(drafts)),
    ],
  });
  return new Map();
}

/** A key that somebody else holds may be forgotten before it is read; then it is free. More often than so, something is wrong. */
const roundsMax = 3;

/** Stores what is not known by its key yet, and says of the rest what was answered then. */
async function storeOnce(pool: Pool, drafts: readonly Draft[]): Promise<Repeated> {
  const repeated: Repeated = new Map();
  let left = drafts;
  for (let round = 0; left.length > 0; round += 1) {
    if (round === roundsMax) throw new Error("Idempotency-Keys are neither free nor known");
    const stored = await store(pool, left);
    const others = left.filter((one) => !stored.has(one.webhookId));
    const earlier = await findEarlier(pool, others);
    left = others.filter((one) => !earlier.has(one.webhookId));
    for (const [webhookId, answer] of earlier) repeated.set(webhookId, answer);
  }
  return repeated;
}

/**
 * As `enqueue`, for any drafts: takes the keys that are new, and leaves out the drafts whose keys are not. Returns the ids of
 * those that were stored. Locks keys before channels, each in one order for all.
 */
async function store(pool: Pool, drafts: readonly Draft[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>({
    name: "accept_store",
    text: storeSql,
    values: [
      drafts.map((one) => one.webhookId),
      drafts.map((one) => one.channelId),
      drafts.map((one) => one.eventCount),
      drafts.map((one) => one.body),
      drafts.map((one) => one.sends),
      drafts.map((one) => acceptedAtOf(one.webhookId)),
      drafts.map((one) => one.idempotencyKey),
      drafts.map((one) => (one.idempotencyKey === null ? null : hashEvents(one.events))),
      workChannel,
      ...sourceColumns(sourceRows(drafts)),
    ],
  });
  return new Set(rows.map((row) => row.id));
}

const sourceColumns = (rows: readonly SourceRow[]) => [
  rows.map((one) => one.channelId),
  rows.map((one) => one.sourceId),
  rows.map((one) => acceptedAtOf(one.webhookId)),
  rows.map((one) => one.webhookId),
];

const storeSql = `
  with new as materialized (
    select * from unnest($1::uuid[], $2::text[], $3::smallint[], $4::text[], $5::bool[], $6::timestamptz[], $7::text[],
                         $8::bytea[])
           as new (id, channel_id, event_count, body, sends, accepted_at, key, body_hash)
  ),
  taken as (
    insert into idempotency_keys (channel_id, key, body_hash, webhook_id, event_count)
    select channel_id, key, body_hash, id, event_count from new where key is not null
     order by channel_id collate "C", key collate "C"
    on conflict (channel_id, key) do nothing
    returning webhook_id
  ),
  fresh as materialized (
    select * from new where key is null or id in (select webhook_id from taken)
  ),
  sources as (
    insert into webhook_sources (channel_id, source_id, accepted_at, webhook_id)
    select s.* from unnest($10::text[], $11::text[], $12::timestamptz[], $13::uuid[]) as s (channel_id, source_id, accepted_at, id)
      join fresh on fresh.id = s.id
  ),
  queued as (
    insert into webhook_queue (id, channel_id, lane, due_at, event_count, body, epoch)
    select fresh.id, fresh.channel_id, 0, date_trunc('milliseconds', now()), fresh.event_count, fresh.body,
           coalesce(c.first_epoch, 0)
      from fresh left join channels c on c.id = fresh.channel_id where fresh.sends
  ),
  ready as (
    insert into ready_channels (lane, channel_id, due_at)
    select distinct on (channel_id collate "C") 0, channel_id, date_trunc('milliseconds', now()) from fresh where sends
     order by channel_id collate "C"
    on conflict (lane, channel_id) do update set due_at = excluded.due_at
      where ready_channels.due_at > excluded.due_at
  ),
  logged as (
    insert into webhooks (accepted_at, id, channel_id, state, attempts, event_count, finished_at, body)
    select accepted_at, id, channel_id, 'not_sent', 0, event_count, now(), body from fresh where not sends
  )
  select id, (select pg_notify($9, '') where exists (select from fresh where sends)) as told from fresh`;

/** What was answered to earlier requests with the keys of these drafts, as far as they are known. */
async function findEarlier(pool: Pool, drafts: readonly Draft[]): Promise<Repeated> {
  if (drafts.length === 0) return new Map();
  const { rows } = await pool.query<{
    channel_id: string;
    key: string;
    body_hash: Buffer;
    webhook_id: string;
    event_count: number;
  }>(
    `select k.channel_id, k.key, k.body_hash, k.webhook_id, k.event_count
       from idempotency_keys k join unnest($1::text[], $2::text[]) as asked (channel_id, key)
         on k.channel_id = asked.channel_id and k.key = asked.key`,
    [drafts.map((one) => one.channelId), drafts.map((one) => one.idempotencyKey)],
  );
  const known = new Map(rows.map((row) => [`${row.channel_id} ${row.key}`, row]));
  return new Map(
    drafts.flatMap((one): [string, Accepted | AppError][] => {
      const row = known.get(`${one.channelId} ${one.idempotencyKey}`);
      if (row === undefined) return [];
      const isSame = isHashOf(row.body_hash, one.events);
      const answer = { webhookId: row.webhook_id, eventCount: row.event_count };
      return [[one.webhookId, isSame ? answer : usedForOthers()]];
    }),
  );
}

const usedForOthers = (): AppError =>
  new AppError("conflict", "This Idempotency-Key was used with other events in the last 24 hours");
