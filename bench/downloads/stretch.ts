import { setTimeout as pause } from "node:timers/promises";
import type { BotServer } from "#bench/support/bot-server.ts";
import { median } from "#bench/support/figures.ts";
import {
  fillQueue,
  makeChannels,
  openSender,
  openWorker,
  type World,
} from "#bench/support/world.ts";
import { openDatabase } from "#lib/db.ts";
import { claimWebhooks, lanes } from "#lib/queue/claim.ts";

const channelCount = 50;
const claims = 500;

export type Stretch = {
  /** Of a claim that finds nothing due, after the load: median time, and mean of the pages that it looks at. */
  claimMs: number;
  claimBuffers: number;
  /** Of the queue, which no vacuum may clean. */
  deadRows: number;
  delivered: number;
};

/** Webhooks come and are delivered for so long, with a vacuum every second; then claims are measured. */
export async function measureStretch(
  world: World,
  bot: BotServer,
  { seconds, perSecond }: { seconds: number; perSecond: number },
): Promise<Stretch> {
  const { database } = world;
  await database.pool.query("truncate webhook_queue, ready_channels");
  const channels = await makeChannels(database, channelCount, () => `${bot.url}/ok`);
  const sender = openSender();
  const worker = openWorker(database, sender);
  const before = await bot.count();
  worker.start();
  const until = performance.now() + seconds * 1_000;
  while (performance.now() < until) {
    await fillQueue(database, channels, perSecond);
    await database.pool.query("vacuum webhook_queue, ready_channels");
    await pause(1_000);
  }
  await untilEmpty(world);
  await worker.stop();
  await sender.close();
  const delivered = (await bot.count()) - before;
  return { ...(await measureClaims(world)), deadRows: await countDead(world), delivered };
}

async function untilEmpty({ database }: World): Promise<void> {
  for (;;) {
    const { rows } = await database.pool.query("select from webhook_queue limit 1");
    if (rows.length === 0) return;
    await pause(100);
  }
}

async function measureClaims({ url, database }: World) {
  // One connection, so that what it tells about the pages it looked at is told before they are counted.
  const own = openDatabase(url, { connectionsMax: 1 });
  const times: number[] = [];
  await database.pool.query("vacuum webhook_queue, ready_channels");
  const before = await countPages(own.pool);
  for (let claim = 0; claim < claims; claim += 1) {
    const startedAt = performance.now();
    const taken = await claimWebhooks(own.pool, {
      lane: lanes.first,
      turnsMax: channelCount,
      leaseMs: 60_000,
      excluded: [],
      share: (channelIds) => channelIds.map(() => 10),
      doubtfulMax: 1,
      onSetAside: () => undefined,
    });
    times.push(performance.now() - startedAt);
    if (taken.length > 0) throw new Error("the queue was not empty");
  }
  const pages = (await countPages(own.pool)) - before;
  await own.close();
  return { claimMs: median(times), claimBuffers: pages / claims };
}

async function countPages(pool: World["database"]["pool"]): Promise<number> {
  await pool.query("select pg_stat_force_next_flush()");
  const { rows } = await pool.query<{ pages: number }>(
    `select sum(heap_blks_read + heap_blks_hit + coalesce(idx_blks_read + idx_blks_hit, 0))::int as pages
       from pg_statio_user_tables where relname in ('webhook_queue', 'ready_channels')`,
  );
  return rows[0]?.pages ?? 0;
}

async function countDead({ database }: World): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    "select sum(n_dead_tup)::int as n from pg_stat_user_tables where relname in ('webhook_queue', 'ready_channels')",
  );
  return rows[0]?.n ?? 0;
}
