// npm run bench:live [-- --viewers 300,1000 --rounds 5 --errors 20000 --as figures|refresh]
// So many people look at one channel's Statistics > Errors over real streams of a production console, an error is recorded as a worker
// records it, and each of them gets the new figures: from the commit until they are in hand. `--as refresh`: pages are only told that
// something changed, and have themselves rendered anew, as before decision 0039. The last line has all figures.

import { readFile, rm } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { encode } from "next-auth/jwt";
import { machine, printTable, quantile, round } from "#bench/support/figures.ts";
import { startBenchProduct } from "#bench/support/product.ts";
import type { Product } from "#engine/start/product.ts";
import { openSession } from "#lib/accounts/sessions.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createLiveSignal } from "#lib/live/signal.ts";
import { figuresHref, liveHref } from "#lib/live/view.ts";
import { makePartitions } from "#lib/retention/make-partitions.ts";
import { defaultFilter } from "#lib/webhook-errors/filter.ts";
import { createBelievableErrors } from "#testing/error-factory.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { failOne } from "./fail-one.ts";
import { openViewer, type Viewer } from "./viewer.ts";

const { values } = parseArgs({
  options: {
    viewers: { type: "string", default: "300,1000" },
    rounds: { type: "string", default: "5" },
    errors: { type: "string", default: "20000" },
    as: { type: "string", default: "figures" },
  },
});
const port = 3520;
const authSecret = "a secret that signs the cookies of this bench only";
const sessionCookie = "tocsin.session";
/** Streams that are opened at once. */
const doorsMax = 20;
/** What a round may take before the bench gives up. */
const roundMsMax = 300_000;
const view = { filter: defaultFilter, timeZone: "Asia/Tokyo" };

console.log(machine());
const { product, dataDir, shelterDir } = await startBenchProduct(
  { name: "live", port },
  { AUTH_SECRET: authSecret },
);
const database = openDatabase(product.databaseUrl);
try {
  await measure(product, database);
} finally {
  await database.close();
  await product.stop();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
  await rm(shelterDir, { recursive: true, force: true, maxRetries: 10 });
}

async function measure({ parts }: Product, { db, pool }: Database): Promise<void> {
  const asked = values.viewers.split(",").map(Number);
  const channelId = await fill();
  const cookies: string[] = [];
  for (let n = 0; n < Math.max(...asked); n += 1) cookies.push(await makeViewer(channelId));
  const signal = createLiveSignal(pool, (error) => {
    throw error;
  });
  const rows: (string | number)[][] = [];
  const figures: Record<string, number> = {};
  let rssGrowthMb = 0;
  for (const count of asked) {
    const { viewers, arrivals } = await openViewers(channelId, cookies.slice(0, count));
    const connectedMb = await rssMb(parts);
    // The first round is not counted: code is compiled in it.
    await runRound({ channelId, count, viewers, arrivals, tell: signal.tell, pool });
    const beforeMb = await rssMb(parts);
    const times: number[] = [];
    for (let n = 0; n < Number(values.rounds); n += 1) {
      await pause(1_500);
      times.push(
        ...(await runRound({ channelId, count, viewers, arrivals, tell: signal.tell, pool })),
      );
    }
    const afterMb = await rssMb(parts);
    for (const viewer of viewers) viewer.close();
    const [p50, p95, most] = [0.5, 0.95, 1].map((share) => round(quantile(times, share), 0));
    rows.push([count, p50 ?? 0, p95 ?? 0, most ?? 0, connectedMb, beforeMb, afterMb]);
    figures[`viewers${count}P50Ms`] = p50 ?? 0;
    figures[`viewers${count}P95Ms`] = p95 ?? 0;
    figures[`viewers${count}MaxMs`] = most ?? 0;
    rssGrowthMb = Math.max(rssGrowthMb, afterMb - beforeMb);
  }
  await signal.stop();
  printTable(
    ["viewers", "p50 ms", "p95 ms", "max ms", "MB connected", "MB before", "MB after"],
    rows,
  );
  console.log(JSON.stringify({ ...figures, rssGrowthMb: round(rssGrowthMb, 0) }));

  async function fill(): Promise<string> {
    const now = new Date(Math.floor(Date.now() / 60_000) * 60_000);
    const from = new Date(now.getTime() - 7 * 86_400_000);
    await makePartitions(pool, { from, to: now });
    const { id } = await createChannel(db, {
      name: "Harbour desk",
      createdAt: from,
      ...{ errorStatisticsAggregation: true, useWebhook: true },
      webhookUrl: "https://bot.example.com/",
    });
    await createBelievableErrors(pool, {
      channelId: id,
      from,
      to: now,
      count: Number(values.errors),
    });
    await pool.query("vacuum analyze");
    return id;
  }

  async function makeViewer(channel: string): Promise<string> {
    const user = await createUser(db);
    await createMember(db, channel, { userId: user.id, role: "member" });
    const sid = await openSession(db, user.id, { userAgent: null });
    const sealed = await encode({ token: { sid }, secret: authSecret, salt: sessionCookie });
    return `${sessionCookie}=${sealed}`;
  }
}

type Arrivals = { onCount: (index: number, count: number) => void };

async function openViewers(
  channelId: string,
  cookies: readonly string[],
): Promise<{ viewers: Viewer[]; arrivals: Arrivals }> {
  const arrivals: Arrivals = { onCount: () => undefined };
  const isFigures = values.as === "figures";
  const path = isFigures ? figuresHref(channelId, view) : liveHref(channelId, "errors");
  const page = `/console/channel/${channelId}/statistics/errors?zone=Asia%2FTokyo`;
  const viewers: Viewer[] = [];
  const waiting = cookies.entries();
  const door = async (): Promise<void> => {
    for (const [index, cookie] of waiting) {
      viewers[index] = await openViewer({
        ...{ port, cookie, path },
        ...(isFigures ? {} : { page }),
        onCount: (count) => arrivals.onCount(index, count),
      });
    }
  };
  await Promise.all(Array.from({ length: doorsMax }, door));
  await until("each viewer has figures", () => viewers.every(({ count }) => count() > 0));
  return { viewers, arrivals };
}

type Round = {
  channelId: string;
  count: number;
  viewers: readonly Viewer[];
  arrivals: Arrivals;
  tell: ReturnType<typeof createLiveSignal>["tell"];
  pool: Database["pool"];
};

/** Records an error; the milliseconds from its commit until each viewer has figures with it. */
async function runRound({ channelId, viewers, arrivals, tell, pool }: Round): Promise<number[]> {
  const wanted = Math.max(...viewers.map(({ count }) => count())) + 1;
  const times = new Map<number, number>();
  let committedMs = 0;
  arrivals.onCount = (index, count) => {
    if (count >= wanted && !times.has(index)) times.set(index, performance.now() - committedMs);
  };
  await failOne(pool, channelId);
  committedMs = performance.now();
  tell("errors", [channelId]);
  await until("each viewer has the new figures", () => times.size === viewers.length);
  return [...times.values()];
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + roundMsMax;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`Gave up waiting until ${what}`);
    await pause(20);
  }
}

/** What the console's process holds, in MB. */
async function rssMb(parts: Product["parts"]): Promise<number> {
  const pid = parts.find(({ name }) => name === "console")?.pid();
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024);
}
