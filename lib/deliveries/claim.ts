import { randomUUID } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import type { SealedSecrets } from "#lib/channels/secret.ts";
import { inTransaction } from "#lib/db.ts";

/** First attempts and redeliveries queue apart, so that a storm of redeliveries takes no slot from new events. */
export const lanes = { first: 0, redelivery: 1 } as const;
export type Lane = (typeof lanes)[keyof typeof lanes];

/** A webhook in hand, with the channel's settings as they are at this moment. */
export type ClaimedWebhook = {
  id: string;
  channelId: string;
  lane: Lane;
  /** 1 for the first attempt. Counted now, so a crash while sending uses one up. */
  attempt: number;
  /** Recorded failures so far. */
  failures: number;
  /** Proof of holding it: the record step refuses any other. */
  lease: string;
  body: string;
  url: string | null;
  /** Null, like the URL, when the channel is gone. */
  sealedSecrets: SealedSecrets | null;
  useWebhook: boolean;
  /** Its last attempts vanished with their workers: it may be what ended them. */
  isDoubtful: boolean;
};

/**
 * After so many attempts in a row without an outcome a webhook is doubtful: a worker takes it only when it has no other
 * doubtful one in hand. So those that were merely beside a deadly webhook get through, and only that one is set aside.
 */
const doubtfulFrom = 2;
/** After so many it is set aside (reliability: a poison row must not hold up its lane). */
export const unrecordedMax = 5;

export type ClaimOptions = {
  lane: Lane;
  /** Channels that get a turn in one claim at most. */
  turnsMax: number;
  /** After this the webhook becomes due again by itself. */
  leaseMs: number;
  /** Channels that have no place left. */
  excluded: readonly string[];
  /** How many webhooks of each of these channels may be taken now. */
  share: (channelIds: readonly string[]) => readonly number[];
  /** How many doubtful webhooks may be taken now. */
  doubtfulMax: number;
  /** Told, once it is durable, which webhooks this claim set aside instead of taking them. */
  onSetAside: (webhookIds: readonly string[]) => void;
};

type Row = {
  id: string;
  channel_id: string;
  attempt: number;
  failures: number;
  body: string;
  unrecorded_count: number;
  set_aside: boolean;
};

type ChannelRow = {
  id: string;
  webhook_url: string | null;
  sealed_secret: string | null;
  next_sealed_secret: string | null;
  is_next_in_force: boolean;
  use_webhook: boolean;
};

type Settings = Pick<ClaimedWebhook, "url" | "sealedSecrets" | "useWebhook">;

/**
 * Takes webhooks that are due, channel by channel in turn, so that the cost follows the channels served and no channel
 * can stand before another however many webhooks it has. Database time decides what is due. Each statement has its
 * own snapshot: what intake commits before the turn is locked is seen, what comes later finds the row locked and
 * updates it afterwards, so no webhook is left behind unnoticed.
 */
export async function claimWebhooks(pool: Pool, options: ClaimOptions): Promise<ClaimedWebhook[]> {
  const { lane } = options;
  const lease = randomUUID();
  const { rows, settings } = await inTransaction(pool, async (client) => {
    const channelIds = await lockTurns(client, options);
    if (channelIds.length === 0) return { rows: [], settings: new Map<string, Settings>() };
    const rows = await takeDue(client, options, channelIds, lease);
    return { rows, settings: await passTurns(client, lane, channelIds) };
  });
  const setAside = rows.filter((row) => row.set_aside);
  if (setAside.length > 0) options.onSetAside(setAside.map((row) => row.id));
  return rows
    .filter((row) => !row.set_aside)
    .map((row) => ({
      id: row.id,
      channelId: row.channel_id,
      lane,
      attempt: row.attempt,
      failures: row.failures,
      lease,
      body: row.body,
      ...(settings.get(row.channel_id) ?? gone),
      // The claim has counted the attempt that begins now.
      isDoubtful: row.unrecorded_count > doubtfulFrom,
    }));
}

const gone: Settings = { url: null, sealedSecrets: null, useWebhook: false };

const toSettings = (row: ChannelRow): Settings => ({
  url: row.webhook_url,
  sealedSecrets:
    row.sealed_secret === null
      ? null
      : {
          current: row.sealed_secret,
          next: row.next_sealed_secret,
          isNextInForce: row.is_next_in_force,
        },
  useWebhook: row.use_webhook,
});

/** In SQL over a channel `c`, with the lane as $1: see lib/cancellations/cancel-waiting.ts. */
const epochOfLane = "(case $1::smallint when 0 then c.first_epoch else c.redelivery_epoch end)";

/** The channels that have waited longest for a turn. Index: ready_channels (lane, due_at). */
async function lockTurns(client: PoolClient, options: ClaimOptions): Promise<string[]> {
  const { rows } = await client.query<{ channel_id: string }>({
    name: "claim_turns",
    text: `select channel_id from ready_channels
            where lane = $1 and due_at <= now() and channel_id <> all($2::text[])
            order by due_at limit $3 for update skip locked`,
    values: [options.lane, options.excluded, options.turnsMax],
  });
  return rows.map((row) => row.channel_id);
}

/**
 * The oldest due webhooks of each channel. Index: webhook_queue (channel_id, lane, epoch, due_at, id), one probe per channel;
 * what was cancelled has an older epoch and is not met. What is found is locked, so its place (ctid) holds and needs no
 * second look-up. What has used up its attempts without any
 * outcome is moved aside instead.
 */
async function takeDue(
  client: PoolClient,
  options: ClaimOptions,
  channelIds: readonly string[],
  lease: string,
): Promise<Row[]> {
  const { rows } = await client.query<Row>({
    name: "claim_take",
    text: `with seen as materialized (
             select due.place, due.unrecorded_count
               from unnest($2::text[], $3::int[]) as turn (channel_id, places)
               join channels c on c.id = turn.channel_id
              cross join lateral (
                select q.ctid as place, q.unrecorded_count from webhook_queue q
                 where q.channel_id = turn.channel_id and q.lane = $1 and q.epoch = ${epochOfLane} and q.due_at <= now()
                   and (q.lease_until is null or q.lease_until < now())
                 order by q.due_at, q.id limit turn.places for update skip locked
              ) due
           ),
           picked as (
             select place from seen where unrecorded_count < $6
             union all
             (select place from seen where unrecorded_count >= $6 and unrecorded_count < $7 limit $8)
           ),
           claimed as (
             update webhook_queue q
                set attempt = q.attempt + 1, unrecorded_count = q.unrecorded_count + 1,
                    lease = $4, lease_until = now() + $5 * interval '1 ms'
              where q.ctid = any(array(select place from picked))
             returning q.id, q.channel_id, q.attempt, q.failures, q.body, q.unrecorded_count
           ),
           removed as (
             delete from webhook_queue q
              where q.ctid = any(array(select place from seen where unrecorded_count >= $7))
             returning *
           ),
           set_aside as (
             insert into set_aside_webhooks (id, channel_id, lane, attempt, failures, unrecorded_count, defect, event_count, body,
                                             epoch)
             select id, channel_id, lane, attempt, failures, unrecorded_count, defect, event_count, body, epoch from removed
             returning id, channel_id, attempt, failures, unrecorded_count
           )
           select *, false as set_aside from claimed
           union all
           select id, channel_id, attempt, failures, '', unrecorded_count, true from set_aside
            order by id`,
    values: [
      options.lane,
      channelIds,
      options.share(channelIds),
      lease,
      options.leaseMs,
      doubtfulFrom,
      unrecordedMax,
      options.doubtfulMax,
    ],
  });
  return rows;
}

/**
 * Next turn: when something of the channel is due or a lease before it ends, but behind every channel that waits
 * already. What is leased is the oldest of a channel, so both look-ups end after a few rows of the index; of the leases
 * the oldest webhooks' are looked at, which end first, and none where something waits already. Returns the channels'
 * settings, read here because this statement is the last: as they are now.
 */
async function passTurns(
  client: PoolClient,
  lane: Lane,
  channelIds: readonly string[],
): Promise<Map<string, Settings>> {
  const { rows } = await client.query<ChannelRow>({
    name: "claim_pass",
    text: `with next as (
             select turn.channel_id, least(free.due_at, held.lease_until) as due_at
               from unnest($2::text[]) as turn (channel_id)
               left join channels c on c.id = turn.channel_id
               left join lateral (
                 select q.due_at from webhook_queue q
                  where q.channel_id = turn.channel_id and q.lane = $1 and q.epoch = ${epochOfLane} and q.lease_until is null
                  order by q.due_at limit 1
               ) free on true
               left join lateral (
                 select min(front.lease_until) as lease_until
                   from (select q.lease_until from webhook_queue q
                          where q.channel_id = turn.channel_id and q.lane = $1 and q.epoch = ${epochOfLane}
                            and coalesce(free.due_at > now(), true)
                            and q.due_at <= coalesce(free.due_at, 'infinity') and q.lease_until is not null
                          order by q.due_at limit 20) front
               ) held on true
           ),
           emptied as (
             delete from ready_channels r using next
              where r.lane = $1 and r.channel_id = next.channel_id and next.due_at is null
           ),
           passed as (
             update ready_channels r set due_at = greatest(next.due_at, clock_timestamp())
               from next where r.lane = $1 and r.channel_id = next.channel_id and next.due_at is not null
           )
           select c.id, c.webhook_url, c.sealed_secret, c.next_sealed_secret,
                  coalesce(c.next_secret_from <= now(), false) as is_next_in_force,
                  c.use_webhook and h.suspended_at is null as use_webhook
             from channels c left join endpoint_health h on h.channel_id = c.id
            where c.id = any($2::text[])`,
    values: [lane, channelIds],
  });
  return new Map(rows.map((row) => [row.id, toSettings(row)]));
}

/** Gives webhooks back unsent, as if they had not been claimed: at shutdown, or when their host has no place. */
export async function returnWebhooks(
  pool: Pool,
  webhooks: readonly Pick<ClaimedWebhook, "id" | "lease">[],
): Promise<void> {
  if (webhooks.length === 0) return;
  await pool.query(
    `with back as (
       update webhook_queue q set lease = null, lease_until = null, attempt = q.attempt - 1,
                                unrecorded_count = greatest(0, q.unrecorded_count - 1)
         from unnest($1::uuid[], $2::uuid[]) as held (id, lease)
        where q.id = held.id and q.lease = held.lease
       returning q.lane, q.channel_id
     )
     insert into ready_channels (lane, channel_id, due_at)
     select distinct lane, channel_id, date_trunc('milliseconds', now()) from back order by 1, 2
     on conflict (lane, channel_id) do update set due_at = excluded.due_at
       where ready_channels.due_at > excluded.due_at`,
    [webhooks.map((one) => one.id), webhooks.map((one) => one.lease)],
  );
}
