import { setTimeout as pause } from "node:timers/promises";
import { type Latency, measureLatency } from "#bench/delivery/latency.ts";
import type { BotServer } from "#bench/support/bot-server.ts";
import { startEngine } from "#bench/support/engine.ts";
import { median, printTable, round } from "#bench/support/figures.ts";
import {
  type BenchChannel,
  fillQueue,
  makeChannels,
  openWorld,
  type World,
} from "#bench/support/world.ts";
import { commandActor } from "#lib/audit/actor.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";

const channelCount = 200;
/** Of each twenty channels two hang and one refuses. */
const fateOf = (index: number): "hangs" | "refuses" | "healthy" =>
  index % 20 < 2 ? "hangs" : index % 20 === 2 ? "refuses" : "healthy";

/** Webhooks a second that a worker of 256 slots gets through when a fifth hang; more waits than that. */
const backlogPerSecond = 700;

/** What healthy channels notice of others, as ratios to the same load without those. */
export async function measureHealthy(
  bot: BotServer,
  { seconds, rounds, perSecond }: { seconds: number; rounds: number; perSecond: number },
) {
  const world = await openWorld();
  const healthy = await makeChannels(world.database, channelCount, () => `${bot.url}/ok`);
  const mixed = await makeMixed(world, bot);
  const hanging = await makeHanging(world, bot);
  const { key } = await createPlatformKey(world.database.db, commandActor("bench"), {
    name: "bench",
  });
  const engine = await startEngine(world.url);
  const measure = (channels: readonly BenchChannel[], duration: number): Promise<Latency> =>
    measureLatency({
      apiUrl: engine.apiUrl,
      platformKey: key,
      channels,
      bot,
      perSecond,
      seconds: duration,
      isMeasured: (index) => fateOf(index) === "healthy",
    });

  const runs = { alone: [] as Latency[], mixed: [] as Latency[], backlog: [] as Latency[] };
  await measure(healthy, 3);
  for (let turn = 0; turn < rounds; turn += 1) {
    runs.alone.push(await measure(healthy, seconds));
    runs.mixed.push(await measure(mixed, seconds));
    // What waits for redelivery now belongs to this turn, not to the next.
    await world.database.pool.query("delete from webhook_queue where lane = 1");
    await fillQueue(world.database, hanging, (seconds + 10) * backlogPerSecond);
    // Until those that hang have all that they may have.
    await pause(4_000);
    runs.backlog.push(await measure(healthy, seconds));
    await world.database.pool.query("truncate webhook_queue, ready_channels");
    await pause(3_000);
  }
  await engine.stop();
  await world.stop();

  const p95 = (some: readonly Latency[]): number =>
    median(some.map((run) => run.firstAttemptP95Ms));
  const share = (some: readonly Latency[]): number =>
    median(some.map((run) => run.arrived / run.sent));
  printTable(
    ["healthy channels", "p95 ms to first attempt", "arrived of sent"],
    [
      ["alone", round(p95(runs.alone), 1), round(share(runs.alone), 4)],
      ["10 % hang, 5 % refuse beside them", round(p95(runs.mixed), 1), round(share(runs.mixed), 4)],
      ["beside a backlog that hangs", round(p95(runs.backlog), 1), round(share(runs.backlog), 4)],
    ],
  );
  return {
    healthyP95Ratio: round(p95(runs.mixed) / p95(runs.alone)),
    healthyThroughputRatio: round(share(runs.mixed) / share(runs.alone), 3),
    besideBacklogP95Ratio: round(p95(runs.backlog) / p95(runs.alone)),
    besideBacklogThroughputRatio: round(share(runs.backlog) / share(runs.alone), 3),
  };
}

/** A host of its own for each bot server that hangs or refuses, as it would be. */
function makeMixed(world: World, bot: BotServer): Promise<BenchChannel[]> {
  return makeChannels(world.database, channelCount, (index) => {
    const host = `127.1.${Math.floor(index / 200)}.${index + 1}`;
    if (fateOf(index) === "hangs") return bot.url.replace("127.0.0.1", host).concat("/hang");
    return fateOf(index) === "refuses" ? `http://${host}:1/webhook` : `${bot.url}/ok`;
  });
}

/** Of three of them every request hangs, of one a fifth. Their redeliveries would come on top: they have none. */
async function makeHanging(world: World, bot: BotServer): Promise<BenchChannel[]> {
  const channels = await makeChannels(world.database, 4, (index) => {
    const url = bot.url.replace("127.0.0.1", `127.2.0.${index + 1}`);
    return index === 0 ? `${url}/partly?share=20` : `${url}/hang`;
  });
  await world.database.pool.query(
    "update channels set webhook_redelivery = false where id = any($1)",
    [channels.map(({ id }) => id)],
  );
  return channels;
}
