// npm run bench:delivery [-- --count 20000 --rounds 5 --against REV --profile --no-peers --no-before --no-cost --no-latency]
// How fast one worker drains a backlog, compared with the bare client, with three job queues (which keep the same record, or
// nothing), and with another build; the cost per delivery while many wait or many channels have some; and latency. With
// --profile also where the time goes.

import { parseArgs } from "node:util";
import { type BotServer, startBotServer } from "#bench/support/bot-server.ts";
import { defaultRevision } from "#bench/support/build.ts";
import { amongChannels, growth, measureCosts, whileWaiting } from "#bench/support/cost.ts";
import { startEngine } from "#bench/support/engine.ts";
import {
  type Figure,
  load,
  machine,
  printLastLine,
  printTable,
  round,
} from "#bench/support/figures.ts";
import { makeChannels, openWorld, type World } from "#bench/support/world.ts";
import { commandActor } from "#lib/audit/actor.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { measureBuilds } from "./builds.ts";
import { measureContenders } from "./contenders.ts";
import { measureLatency } from "./latency.ts";
import { measureProfile } from "./profile.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "20000" },
    rounds: { type: "string", default: "5" },
    against: { type: "string", default: defaultRevision },
    portion: { type: "string", default: "5000" },
    waiting: { type: "string", default: "1000000" },
    channels: { type: "string", default: "100000" },
    seconds: { type: "string", default: "20" },
    peers: { type: "boolean", default: true },
    before: { type: "boolean", default: true },
    cost: { type: "boolean", default: true },
    latency: { type: "boolean", default: true },
    profile: { type: "boolean", default: false },
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
    const { toBefore } = values.before
      ? await measureBuilds(bot, { count, rounds, against: values.against })
      : { toBefore: null };
    const costs = values.cost
      ? await measureGrowth(bot)
      : { costRatio1e6: null, costRatioChannels1e5: null };
    const latency = values.latency
      ? await measureTimes(world, bot)
      : { firstAttemptP95Ms: null, intakeP95Ms: null };
    if (values.profile) await measureProfile(bot, count);
    console.log(`${load()} at the end.`);
    return { toBefore, toBareClient, ...toPeers, ...costs, ...latency };
  } finally {
    await world.stop();
  }
}

async function measureGrowth(bot: BotServer): Promise<Growth> {
  const portion = Number(values.portion);
  const settings = {
    few: whileWaiting(1_000),
    many: whileWaiting(Number(values.waiting)),
    // As many webhooks as are delivered: each channel has several, and a turn takes them together.
    fewChannels: amongChannels(1_000, Math.max(1_000, portion)),
    manyChannels: amongChannels(Number(values.channels), Number(values.channels)),
  };
  const costs = await measureCosts(bot, Object.values(settings), { portion, rounds });
  return {
    costRatio1e6: growth(costs, settings.many, settings.few),
    costRatioChannels1e5: growth(costs, settings.manyChannels, settings.fewChannels),
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
