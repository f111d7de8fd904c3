// npm run bench:delivery [-- --count 20000 --rounds 3 --waiting 1000,100000,1000000 --busy 1000,100000]
// How fast one worker drains a backlog, compared with the bare client and three job queues; the cost per delivery while many
// wait; and latency.

import { parseArgs } from "node:util";
import { startBotServer } from "#bench/support/bot-server.ts";
import { databaseCpuMs, ownCpuMs } from "#bench/support/cpu.ts";
import { startEngine } from "#bench/support/engine.ts";
import { machine, median, printTable, round } from "#bench/support/figures.ts";
import { installPeers } from "#bench/support/peers.ts";
import { fillQueue, makeChannels, openSender, openWorld } from "#bench/support/world.ts";
import { commandActor } from "#lib/audit/actor.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { drainBare, drainProduct, drainWaiting, makeJobs } from "./drain.ts";
import { measureLatency } from "./latency.ts";
import { bullMq, graphileWorker, type Peer, pgBoss, toRequest } from "./peers.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "20000" },
    rounds: { type: "string", default: "3" },
    waiting: { type: "string", default: "1000,100000,1000000" },
    busy: { type: "string", default: "1000,100000" },
    peers: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const count = Number(values.count);
const rounds = Number(values.rounds);

console.log(machine());
if (values.peers) await installPeers(["bullmq", "ioredis", "pg-boss", "graphile-worker"]);
const bot = await startBotServer();
const world = await openWorld();
const sender = openSender();
const channels = await makeChannels(world.database, 100, () => `${bot.url}/ok`);
const peers: Peer[] = values.peers ? [bullMq, pgBoss(world.url), graphileWorker(world.url)] : [];

const seconds = new Map<string, number[]>();
const note = (name: string, value: number | string): void => {
  if (typeof value === "string") console.log(`${name}: ${value}`);
  else seconds.set(name, [...(seconds.get(name) ?? []), value]);
};
// Warm: code compiled, connections open, pages in memory.
await drainBare(makeJobs(channels, 2_000), sender);
await drainProduct(world.database, sender, channels, 2_000);
const cpu = { bare: [] as number[], worker: [] as number[], database: [] as number[] };
for (let turn = 0; turn < rounds; turn += 1) {
  const jobs = makeJobs(channels, count);
  const beforeBare = ownCpuMs();
  note("bare client", await drainBare(jobs, sender));
  cpu.bare.push(((ownCpuMs() - beforeBare) * 1_000) / count);

  await fillQueue(world.database, channels, count);
  const [own, database] = [ownCpuMs(), await databaseCpuMs(world.database.pool)];
  note("Tocsin", await drainWaiting(world.database, sender, count));
  cpu.worker.push(((ownCpuMs() - own) * 1_000) / count);
  const databaseNow = await databaseCpuMs(world.database.pool);
  if (database !== null && databaseNow !== null) {
    cpu.database.push(((databaseNow - database) * 1_000) / count);
  }
  for (const peer of peers) {
    const jobs = makeJobs(channels, count);
    note(
      peer.name,
      await peer.drain(jobs, async (job) => void (await sender.send(toRequest(job)))),
    );
  }
}

const rate = (name: string): number => count / median(seconds.get(name) ?? []);
printTable(
  ["drain of a backlog", "deliveries/s", "Tocsin compared"],
  [...seconds.keys()].map((name) => [
    name,
    Math.round(rate(name)),
    round(rate("Tocsin") / rate(name)),
  ]),
);
printTable(
  ["processor time per delivery", "µs"],
  [
    ["bare client", Math.round(median(cpu.bare))],
    ["Tocsin's worker", Math.round(median(cpu.worker))],
    ["its database", Math.round(median(cpu.database))],
  ],
);

const portion = Math.min(5_000, count);
const clear = () =>
  world.database.pool.query("truncate webhook_queue, ready_channels, webhooks, webhook_attempts");
/** Microseconds per delivery of the first `portion` of what waits. */
const costOf = async (waiting: number, among: typeof channels): Promise<number> => {
  await clear();
  await fillQueue(world.database, among, waiting);
  await world.database.pool.query("vacuum analyze webhook_queue");
  const taken = Math.min(portion, waiting);
  return ((await drainWaiting(world.database, sender, taken)) * 1_000_000) / taken;
};
const waitingCosts: [number, number][] = [];
for (const waiting of values.waiting.split(",").map(Number)) {
  waitingCosts.push([waiting, await costOf(waiting + portion, channels)]);
}
printTable(
  ["waiting webhooks", "µs per delivery"],
  waitingCosts.map(([waiting, cost]) => [waiting, Math.round(cost)]),
);
const busyCosts: [number, number][] = [];
for (const busy of values.busy.split(",").map(Number)) {
  const many = await makeChannels(world.database, busy, () => `${bot.url}/ok`);
  busyCosts.push([busy, await costOf(Math.max(busy, portion), many)]);
}
printTable(
  ["channels with waiting webhooks", "µs per delivery"],
  busyCosts.map(([busy, cost]) => [busy, Math.round(cost)]),
);
await clear();

const engine = await startEngine(world.url);
const { key } = await createPlatformKey(world.database.db, commandActor("bench"), {
  name: "bench",
});
const load = { apiUrl: engine.apiUrl, platformKey: key, channels, bot, perSecond: 200 };
await measureLatency({ ...load, seconds: 3 });
const latency = await measureLatency({ ...load, seconds: 20 });
printTable(
  ["at 200 events/s", "p95 ms"],
  [
    ["intake", round(latency.intakeP95Ms, 1)],
    [`first attempt (${latency.arrived} of ${latency.sent})`, round(latency.firstAttemptP95Ms, 1)],
  ],
);
await engine.stop();
await sender.close();
await world.stop();
bot.stop();

const to = (name: string): number | null =>
  seconds.has(name) ? round(rate("Tocsin") / rate(name)) : null;
const growth = (costs: readonly [number, number][]): number | null => {
  const [few] = costs;
  const many = costs.at(-1);
  return few === undefined || many === undefined ? null : round(many[1] / few[1]);
};
console.log(
  JSON.stringify({
    toBareClient: to("bare client"),
    toBullmq: to(bullMq.name),
    toPgBoss: to("pg-boss"),
    toGraphileWorker: to("graphile-worker, local queue"),
    firstAttemptP95Ms: round(latency.firstAttemptP95Ms, 1),
    intakeP95Ms: round(latency.intakeP95Ms, 1),
    costRatio1e6: growth(waitingCosts),
    costRatio1e5Channels: growth(busyCosts),
  }),
);
