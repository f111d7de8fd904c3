// npm run bench:delivery [-- --count 20000 --rounds 5 --no-peers --no-cost --no-latency]
// How fast one worker drains a backlog, compared with the bare client and with three job queues, which keep the same record, or
// nothing; the cost per delivery while many wait or many channels have some; and latency.

import { parseArgs } from "node:util";
import { type BotServer, startBotServer } from "#bench/support/bot-server.ts";
import { startEngine } from "#bench/support/engine.ts";
import {
  type Figure,
  figure,
  load,
  machine,
  printLastLine,
  printTable,
  round,
} from "#bench/support/figures.ts";
import {
  fillQueue,
  makeChannels,
  openSender,
  openWorld,
  type World,
} from "#bench/support/world.ts";
import { commandActor } from "#lib/audit/actor.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { measureContenders } from "./contenders.ts";
import { drainWaiting } from "./drain.ts";
import { measureLatency } from "./latency.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "20000" },
    rounds: { type: "string", default: "5" },
    portion: { type: "string", default: "5000" },
    waiting: { type: "string", default: "1000000" },
    channels: { type: "string", default: "100000" },
    seconds: { type: "string", default: "20" },
    peers: { type: "boolean", default: true },
    cost: { type: "boolean", default: true },
    latency: { type: "boolean", default: true },
  },
  allowNegative: true,
});
type Growth = { costRatio1e6: Figure; costRatioChannels1e5: Figure };
type Times = { firstAttemptP95Ms: Figure; intakeP95Ms: Figure };
const [count, rounds] = [Number(values.count), Number(values.rounds)];

console.log(machine());
const bot = await startBotServer();
try {
  printLastLine(await measure(bot));
} finally {
  bot.stop();
}

async function measure(bot: BotServer): Promise<Record<string, Figure>> {
  const world = await openWorld();
  try {
    const { toBareClient, ...toPeers } = await measureContenders(world, bot, {
      count,
      rounds,
      peers: values.peers,
    });
    const costs = values.cost
      ? await measureGrowth(world, bot)
      : { costRatio1e6: null, costRatioChannels1e5: null };
    const latency = values.latency
      ? await measureTimes(world, bot)
      : { firstAttemptP95Ms: null, intakeP95Ms: null };
    console.log(`${load()} at the end.`);
    return { toBareClient, ...toPeers, ...costs, ...latency };
  } finally {
    await world.stop();
  }
}

async function measureGrowth({ database }: World, bot: BotServer): Promise<Growth> {
  const sender = openSender();
  const portion = Number(values.portion);
  const clear = () =>
    database.pool.query("truncate webhook_queue, ready_channels, webhooks, webhook_attempts");
  /** Microseconds per delivery of the first `portion` of what waits. */
  const costOf = async (waiting: number, channelCount: number): Promise<number> => {
    const channels = await makeChannels(database, channelCount, () => `${bot.url}/ok`);
    await clear();
    await fillQueue(database, channels, waiting);
    await database.pool.query("vacuum analyze webhook_queue");
    const { seconds } = await drainWaiting(database, sender, portion);
    return (seconds * 1_000_000) / portion;
  };
  const few = await costOf(1_000 + portion, 100);
  const many = await costOf(Number(values.waiting) + portion, 100);
  const fewChannels = await costOf(Math.max(1_000, portion), 1_000);
  const manyChannels = await costOf(Number(values.channels), Number(values.channels));
  await clear();
  await sender.close();
  printTable(
    ["state of the queue", "µs per delivery"],
    [
      ["1000 wait", Math.round(few)],
      [`${values.waiting} wait`, Math.round(many)],
      ["1000 channels", Math.round(fewChannels)],
      [`${values.channels} channels`, Math.round(manyChannels)],
    ],
  );
  return {
    costRatio1e6: figure(many / few),
    costRatioChannels1e5: figure(manyChannels / fewChannels),
  };
}

async function measureTimes(world: World, bot: BotServer): Promise<Times> {
  const channels = await makeChannels(world.database, 100, () => `${bot.url}/ok`);
  const engine = await startEngine(world.url);
  const { key } = await createPlatformKey(world.database.db, commandActor("bench"), {
    name: "bench",
  });
  const load = { apiUrl: engine.apiUrl, platformKey: key, channels, bot, perSecond: 200 };
  const latency = await measureLatency({ ...load, seconds: 3 })
    .then(() => measureLatency({ ...load, seconds: Number(values.seconds) }))
    .finally(engine.stop);
  const { intakeP95Ms, firstAttemptP95Ms } = latency;
  printTable(
    ["at 200 events/s", "p95 ms"],
    [
      ["intake", round(intakeP95Ms, 1)],
      [`first attempt (${latency.arrived} of ${latency.sent})`, round(firstAttemptP95Ms, 1)],
    ],
  );
  return { firstAttemptP95Ms: round(firstAttemptP95Ms, 1), intakeP95Ms: round(intakeP95Ms, 1) };
}
