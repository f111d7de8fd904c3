import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import type { SealedSecrets } from "#lib/channel-secrets/secret.ts";

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

/** A channel whose turn it is, as it was seen: the time of its turn in milliseconds, as the database writes it. */
type Turn = { channel_id: string; seen_ms: string };

/** What a claim has committed. `places`: where the rows that it took lie, as the database writes it. */
type Taken = {
  places: string | null;
  setAside: readonly string[];
  settings: Map<string, Settings>;
};

type Row = {
  id: string;
  channel_id: string;
  attempt: number;
  failures: number;
  unrecorded_count: number;
  body: string;
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
 * can stand before another however many webhooks it has. Database time decides what is due. Nothing is locked over a
 * round trip: the turns are looked at, then taken and passed on in one call that has committed when it answers, then what
 * was taken is read. A worker that stops anywhere between holds leases, and nothing that intake or other workers need.
 */
export async function claimWebhooks(pool: Pool, options: ClaimOptions): Promise<ClaimedWebhook[]> {
  const { lane } = options;
  const lease = randomUUID();
  const taken = await takeTurns(pool, options, lease);
  if (taken === null) return [];
  if (taken.setAside.length > 0) options.onSetAside(taken.setAside);
  const rows = taken.places === null ? [] : await readTaken(pool, taken.places, lease);
  return rows.map((row) => ({
    id: row.id,
    channelId: row.channel_id,
    lane,
    attempt: row.attempt,
    failures: row.failures,
    lease,
    body: row.body,
    ...(taken.settings.get(row.channel_id) ?? gone),
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

/** So often is looked again when other workers have had every turn that was seen. */
const looksMax = 5;

/** Null: nobody's turn it is. */
async function takeTurns(pool: Pool, options: ClaimOptions, lease: string): Promise<Taken | null> {
  for (let looks = 0; looks < looksMax; looks += 1) {
    const turns = await seeTurns(pool, options, looks > 0);
    if (turns.length === 0) return null;
    const taken = await take(pool, options, turns, lease);
    if (taken !== null) return taken;
  }
  return null;
}

/**
 * The channels that have waited longest for a turn; on request without those that another worker is at, for which they are
 * locked until the statement ends. In the database's function, which keeps to the index.
 */
async function seeTurns(pool: Pool, options: ClaimOptions, withoutBusy: boolean): Promise<Turn[]> {
  const { rows } = await pool.query<Turn>({
    name: "claim_turns",
    text: "select channel_id, seen_ms from claim_turns($1, $2, $3, $4)",
    values: [options.lane, options.excluded, options.turnsMax, withoutBusy],
  });
  return rows;
}

/**
 * Takes what is due of these channels and passes their turns on, in the database's procedure (its comments say how); with
 * the settings of the channels, read last: as they are now. Null when others have had all these turns meanwhile.
 */
async function take(
  pool: Pool,
  options: ClaimOptions,
  turns: readonly Turn[],
  lease: string,
): Promise<Taken | null> {
  const channelIds = turns.map((turn) => turn.channel_id);
  const { rows } = await pool.query<{
    p_taken: string | null;
    p_set_aside: string[] | null;
    p_settings: ChannelRow[] | null;
  }>({
    name: "claim_take",
    text: "call claim_webhooks($1, $2, $3, $4, $5, $6, $7, $8, $9, null, null, null)",
    values: [
      options.lane,
      channelIds,
      turns.map((turn) => turn.seen_ms),
      options.share(channelIds),
      lease,
      options.leaseMs,
      doubtfulFrom,
      unrecordedMax,
      options.doubtfulMax,
    ],
  });
  const [row] = rows;
  const { p_taken: places = null, p_set_aside: setAside, p_settings: settings } = row ?? {};
  // Not even a channel's settings: no turn was had. (Of channels that are gone, what was taken tells.)
  if (places === null && !setAside && !settings) return null;
  return {
    places,
    setAside: setAside ?? [],
    settings: new Map((settings ?? []).map((one) => [one.id, toSettings(one)])),
  };
}

/**
 * What was taken, in the order in which it came in, from where the claim left the rows. What is not there as it was left, somebody
 * else has ended since.
 */
async function readTaken(pool: Pool, places: string, lease: string): Promise<Row[]> {
  const { rows } = await pool.query<Row>({
    name: "claim_bodies",
    text: `select id, channel_id, attempt, failures, unrecorded_count, body from webhook_queue
            where ctid = any($1::tid[]) and lease = $2 order by id`,
    values: [places, lease],
  });
  return rows;
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
