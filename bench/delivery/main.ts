// npm run bench:delivery [-- --count 20000 --rounds 3 --waiting 1000,100000,1000000]
// Drains a backlog with one worker against the bare client and three job queues, the cost with many waiting, and latency.

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
    peers: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const count = Number(values.count);
const rounds = Number(values.rounds);

console.log(machine());
if (values.peers) await installPeers();
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
  ["drain of a backlog", "deliveries/s", "Tocsin to it"],
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

const costs: [number, number][] = [];
const portion = Math.min(5_000, count);
for (const waiting of values.waiting.split(",").map(Number)) {
  await world.database.pool.query(
    "truncate webhook_queue, ready_channels, webhooks, webhook_attempts",
  );
  await fillQueue(world.database, channels, waiting + portion);
  await world.database.pool.query("vacuum analyze webhook_queue");
  const taken = await drainWaiting(world.database, sender, Math.min(portion, waiting));
  costs.push([waiting, (taken * 1_000_000) / Math.min(portion, waiting)]);
}
printTable(
  ["waiting webhooks", "µs per delivery"],
  costs.map(([waiting, cost]) => [waiting, Math.round(cost)]),
);
await world.database.pool.query(
  "truncate webhook_queue, ready_channels, webhooks, webhook_attempts",
);

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
const [few] = costs;
const many = costs.at(-1);
console.log(
  JSON.stringify({
    toBareClient: to("bare client"),
    toBullmq: to(bullMq.name),
    toPgBoss: to("pg-boss"),
    toGraphileWorker: to("graphile-worker, local queue"),
    firstAttemptP95Ms: round(latency.firstAttemptP95Ms, 1),
    intakeP95Ms: round(latency.intakeP95Ms, 1),
    costRatio1e6: few === undefined || many === undefined ? null : round(many[1] / few[1]),
  }),
);
