import { setTimeout as pause } from "node:timers/promises";
import type { BotServer } from "#bench/support/bot-server.ts";
import { checkOut, thisBuild } from "#bench/support/build.ts";
import { median, printTable, round } from "#bench/support/figures.ts";
import { type Installation, install } from "#bench/support/installation.ts";

/** As the product has them unless told: requests a worker has on the wire at once. */
const slots = 256;
/** How long an unanswered request holds its slot. */
const hangMs = 2_000;
/** Until the first that hang have ended and others have followed. */
const warmMs = 3_000;
/** Of a backlog; the rest is the end, where slots are empty for want of webhooks. */
const usedMax = 0.9;
/** Webhooks of the one channel, by how many of a hundred hang: more than can be sent in the time. */
const backlogs = new Map([
  [0, 60_000],
  [1, 60_000],
  [5, 30_000],
  [20, 10_000],
]);

type Options = { seconds: number; rounds: number; against: string };
/** Webhooks a second, by how many of a hundred hang. */
type Rates = ReadonlyMap<number, number>;

/**
 * What one channel reaches alone while some of its requests are never answered: as shares of the bound (what it reaches when
 * none hangs, or what the slots allow, whichever is less), and as multiples of what the other build reaches.
 */
export async function measurePartlySlow(bot: BotServer, options: Options) {
  const answerMs = await measureAnswer(bot);
  const [now, before] = await measureBuilds(bot, options);
  const rateOf = (rates: Rates | undefined, share: number) => rates?.get(share) ?? Number.NaN;
  const boundOf = (share: number) => Math.min(rateOf(now, 0), slotBound(share, answerMs));
  const toBound = (share: number) => round(rateOf(now, share) / boundOf(share));
  const toBefore = (share: number) =>
    before === undefined ? null : round(rateOf(now, share) / rateOf(before, share));
  printTable(
    ["one channel alone", "webhooks/s", "bound", "to the bound", options.against, "to that"],
    [...backlogs.keys()].map((share) => [
      `${share} % hang`,
      Math.round(rateOf(now, share)),
      Math.round(boundOf(share)),
      toBound(share),
      before === undefined ? "left out" : Math.round(rateOf(before, share)),
      toBefore(share) ?? "",
    ]),
  );
  return {
    partlySlow1: toBound(1),
    partlySlow5: toBound(5),
    partlySlow20: toBound(20),
    partlySlow1ToBefore: toBefore(1),
    partlySlow5ToBefore: toBefore(5),
  };
}

/** The rates of this build and, where it is to be had, of the other; they take turns. */
async function measureBuilds(
  bot: BotServer,
  { seconds, rounds, against }: Options,
): Promise<[now: Rates, before: Rates | undefined]> {
  const builds = [thisBuild, await checkOut(against)].filter((build) => build !== undefined);
  const sides: Side[] = [];
  try {
    for (const build of builds) {
      sides.push({ installation: await install(build), rates: new Map() });
    }
    for (let turn = 0; turn < rounds; turn += 1) {
      for (const share of backlogs.keys()) {
        for (const { installation, rates } of sides.reverse()) {
          const rate = await measureRate(installation, bot, share, seconds);
          rates.set(share, [...(rates.get(share) ?? []), rate]);
        }
      }
    }
  } finally {
    for (const { installation } of sides) await installation.stop();
    for (const build of builds) build.remove();
  }
  const [now, before] = builds.map((build) => {
    const side = sides.find(({ installation }) => installation.build === build);
    return new Map([...(side?.rates ?? [])].map(([share, some]) => [share, median(some)]));
  });
  return [now ?? new Map(), before];
}

type Side = { installation: Installation; rates: Map<number, number[]> };

/** What the slots allow in a second when one is held for so long on average. */
function slotBound(share: number, answerMs: number): number {
  const hung = share / 100;
  return (slots * 1_000) / (hung * hangMs + (1 - hung) * answerMs);
}

/** Milliseconds of a fast answer, asked one at a time: the shortest that a slot can be held. */
async function measureAnswer(bot: BotServer): Promise<number> {
  const times: number[] = [];
  for (let asked = 0; asked < 200; asked += 1) {
    const start = performance.now();
    const response = await fetch(`${bot.url}/ok`, { method: "POST", body: "{}" });
    await response.arrayBuffer();
    times.push(performance.now() - start);
  }
  return median(times);
}

/**
 * Webhooks a second that arrive at the bot server while a worker process of its own drains a backlog of one channel, counted
 * while there is more than enough. The queue is emptied afterwards.
 */
async function measureRate(
  { pool, makeChannel, fill, startWorker }: Installation,
  bot: BotServer,
  share: number,
  seconds: number,
): Promise<number> {
  const backlog = backlogs.get(share) ?? 0;
  await fill([await makeChannel(`${bot.url}/partly?share=${share}`)], backlog);
  await pool.query("vacuum analyze webhook_queue");
  const before = await bot.count();
  const worker = await startWorker();
  try {
    await pause(warmMs);
    const since = performance.now();
    const from = await bot.count();
    let [until, to] = [since, from];
    while (until - since < seconds * 1_000 && to - before < backlog * usedMax) {
      await pause(50);
      [until, to] = [performance.now(), await bot.count()];
    }
    return ((to - from) * 1_000) / (until - since);
  } finally {
    await worker.stop();
    await pool.query("truncate webhook_queue, ready_channels");
  }
}
