import type { Pool, PoolClient } from "pg";
import type { Known } from "./news.ts";
import { kindOf, type Outage, type Telling } from "./outage.ts";
import type { NotificationType } from "./schema.ts";

type Row = Omit<Outage, "tellings"> & {
  channelId: string;
  /** Null, like what follows: nothing was decided of yet. */
  type: NotificationType | null;
  key: string;
  ofThreadId: string;
} & Omit<Telling, "threadId" | keyof Known> &
  Known;

/**
 * The newest outage of each channel with what was told and is held, by kind of error. Channels without one are absent.
 * Index: the primary keys of outages, tellings and endpoint_health.
 */
export async function readOutages(
  client: Pick<Pool | PoolClient, "query">,
  channelIds: readonly string[],
): Promise<Map<string, Outage>> {
  const { rows } = await client.query<Row>(
    `select o.channel_id as "channelId", o.thread_id as "threadId", o.last_at as "lastAt", o.is_over as "isOver",
            -- Of one told early the delivery that ended it: it may have gone on after its window.
            case when o.ceased_until is not null then greatest(o.ceased_until, h.ceased_until) end as "ceasedUntil",
            t.type, t.key, t.thread_id as "ofThreadId", t.told_count as "toldCount",
            t.last_told_at as "lastToldAt", t.held_count as "heldCount",
            t.held_since as "heldSince", t.rates, t.recent
       from outages o left join tellings t on t.channel_id = o.channel_id
       left join endpoint_health h on h.channel_id = o.channel_id
      where o.channel_id = any($1)`,
    [channelIds],
  );
  const outages = new Map<string, Outage>();
  for (const {
    channelId,
    type,
    key,
    ofThreadId,
    toldCount,
    lastToldAt,
    heldCount,
    heldSince,
    ...row
  } of rows) {
    const { threadId, lastAt, isOver, ceasedUntil, rates, recent } = row;
    const known = outages.get(channelId);
    const outage = known ?? { threadId, lastAt, isOver, ceasedUntil, tellings: new Map() };
    outages.set(channelId, outage);
    if (type === null) continue;
    const held = { heldCount, heldSince };
    const telling = { threadId: ofThreadId, toldCount, lastToldAt, ...held, rates, recent };
    outage.tellings.set(kindOf({ type, key }), telling);
  }
  return outages;
}

/** Keeps what was decided, in the transaction of what it decided. */
export async function keepOutages(
  client: PoolClient,
  outages: ReadonlyMap<string, Outage>,
): Promise<void> {
  const all = [...outages];
  await client.query(
    `insert into outages (channel_id, thread_id, last_at, is_over, ceased_until)
     select * from unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::bool[], $5::timestamptz[])
     on conflict (channel_id) do update
        set thread_id = excluded.thread_id, last_at = excluded.last_at, is_over = excluded.is_over,
            ceased_until = excluded.ceased_until`,
    [
      all.map(([channelId]) => channelId),
      all.map(([, { threadId }]) => threadId),
      all.map(([, { lastAt }]) => lastAt),
      all.map(([, { isOver }]) => isOver),
      all.map(([, { ceasedUntil }]) => ceasedUntil),
    ],
  );
  await keepTellings(client, all);
}

async function keepTellings(
  client: PoolClient,
  outages: readonly (readonly [string, Outage])[],
): Promise<void> {
  const all = outages.flatMap(([channelId, { tellings }]) =>
    [...tellings].map(([kind, telling]) => ({ channelId, kind, telling })),
  );
  await client.query(
    `insert into tellings (channel_id, type, key, thread_id, told_count, last_told_at, held_count, held_since, rates, recent)
     select channel_id, split_part(kind, ' ', 1), split_part(kind, ' ', 2), thread_id, told_count,
            last_told_at, held_count, held_since, rates, recent
       from unnest($1::text[], $2::text[], $3::uuid[], $4::int[], $5::timestamptz[], $6::int[], $7::jsonb[], $8::jsonb[],
                   $9::timestamptz[])
         as t(channel_id, kind, thread_id, told_count, last_told_at, held_count, rates, recent, held_since)
     on conflict (channel_id, type, key) do update
        set thread_id = excluded.thread_id, told_count = excluded.told_count, last_told_at = excluded.last_told_at,
            held_count = excluded.held_count, held_since = excluded.held_since, rates = excluded.rates, recent = excluded.recent`,
    [
      all.map(({ channelId }) => channelId),
      all.map(({ kind }) => kind),
      all.map(({ telling }) => telling.threadId),
      all.map(({ telling }) => telling.toldCount),
      all.map(({ telling }) => telling.lastToldAt),
      all.map(({ telling }) => telling.heldCount),
      all.map(({ telling }) => JSON.stringify(telling.rates)),
      all.map(({ telling }) => JSON.stringify(telling.recent)),
      all.map(({ telling }) => telling.heldSince),
    ],
  );
}
