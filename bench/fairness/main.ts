// npm run bench:fairness [-- --seconds 30 --perSecond 300 --rounds 2]
// What healthy channels notice when a tenth of all channels hang and a twentieth refuse, against the same load without.

import { parseArgs } from "node:util";
import { type Latency, measureLatency } from "#bench/delivery/latency.ts";
import { startBotServer } from "#bench/support/bot-server.ts";
import { startEngine } from "#bench/support/engine.ts";
import { machine, median, printTable, round } from "#bench/support/figures.ts";
import { makeChannels, openWorld } from "#bench/support/world.ts";
import { commandActor } from "#lib/audit/actor.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "30" },
    perSecond: { type: "string", default: "300" },
    rounds: { type: "string", default: "2" },
  },
});
const channelCount = 200;
/** Of each twenty channels two hang and one refuses. */
const fateOf = (index: number): "hangs" | "refuses" | "healthy" =>
  index % 20 < 2 ? "hangs" : index % 20 === 2 ? "refuses" : "healthy";

console.log(machine());
const bot = await startBotServer();
const world = await openWorld();
const healthy = await makeChannels(world.database, channelCount, () => `${bot.url}/ok`);
const mixed = await makeChannels(world.database, channelCount, (index) => {
  // A host of its own for each bot server that hangs or refuses, as it would be.
  const host = `127.1.${Math.floor(index / 200)}.${index + 1}`;
  if (fateOf(index) === "hangs") return bot.url.replace("127.0.0.1", host).concat("/hang");
  return fateOf(index) === "refuses" ? `http://${host}:1/webhook` : `${bot.url}/ok`;
});
const { key } = await createPlatformKey(world.database.db, commandActor("bench"), {
  name: "bench",
});
const engine = await startEngine(world.url);

const measure = (channels: typeof healthy, seconds: number): Promise<Latency> =>
  measureLatency({
    apiUrl: engine.apiUrl,
    platformKey: key,
    channels,
    bot,
    perSecond: Number(values.perSecond),
    seconds,
    isMeasured: (index) => fateOf(index) === "healthy",
  });

const without: Latency[] = [];
const withThem: Latency[] = [];
await measure(healthy, 3);
for (let turn = 0; turn < Number(values.rounds); turn += 1) {
  without.push(await measure(healthy, Number(values.seconds)));
  withThem.push(await measure(mixed, Number(values.seconds)));
  // What waits for redelivery now belongs to this turn, not to the next.
  await world.database.pool.query("delete from webhook_queue where lane = 1");
}
await engine.stop();
await world.stop();
bot.stop();

const p95 = (runs: readonly Latency[]): number => median(runs.map((run) => run.firstAttemptP95Ms));
const share = (runs: readonly Latency[]): number =>
  median(runs.map((run) => run.arrived / run.sent));
printTable(
  ["healthy channels", "p95 ms to first attempt", "arrived of sent"],
  [
    ["alone", round(p95(without), 1), round(share(without), 4)],
    ["10 % hang, 5 % refuse beside them", round(p95(withThem), 1), round(share(withThem), 4)],
  ],
);
console.log(
  JSON.stringify({
    healthyP95Ratio: round(p95(withThem) / p95(without)),
    healthyThroughputRatio: round(share(withThem) / share(without), 3),
  }),
);
