// npm run bench:scale [-- --rounds 5 --portion 5000 --waiting 1000000 --channels 100000 --count 20000 --no-cost --no-workers]
// What a delivery costs while more wait and while more channels have some, as processor time of the worker with its HTTP client
// and of the database; and what a second worker brings.

import { parseArgs } from "node:util";
import { type BotServer, startBotServer } from "#bench/support/bot-server.ts";
import { amongChannels, growth, measureCosts, whileWaiting } from "#bench/support/cost.ts";
import { load, machine, printLastLine } from "#bench/support/figures.ts";
import { measureTwoWorkers } from "./two-workers.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    portion: { type: "string", default: "5000" },
    waiting: { type: "string", default: "1000000" },
    channels: { type: "string", default: "100000" },
    count: { type: "string", default: "20000" },
    cost: { type: "boolean", default: true },
    workers: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const rounds = Number(values.rounds);

console.log(machine());
const bot = await startBotServer();
try {
  const costs = values.cost
    ? await measureGrowth(bot)
    : { costRatioWaiting1e6: null, costRatioChannels1e5: null, costRatioChannels1e5OneEach: null };
  const { twoWorkersRatio } = values.workers
    ? await measureTwoWorkers(bot, { count: Number(values.count), rounds })
    : { twoWorkersRatio: null };
  console.log(`${load()} at the end.`);
  printLastLine({ ...costs, twoWorkersRatio });
} finally {
  bot.stop();
}

async function measureGrowth(bot: BotServer) {
  const portion = Number(values.portion);
  const channels = Number(values.channels);
  const settings = {
    few: whileWaiting(10_000),
    many: whileWaiting(Number(values.waiting)),
    fewOneEach: amongChannels(1_000, 1_000),
    // As many webhooks as are delivered: each channel has several, and a turn takes them together.
    fewSeveral: amongChannels(1_000, Math.max(1_000, portion)),
    manyOneEach: amongChannels(channels, channels),
  };
  const costs = await measureCosts(bot, Object.values(settings), { portion, rounds });
  return {
    costRatioWaiting1e6: growth(costs, settings.many, settings.few),
    costRatioChannels1e5: growth(costs, settings.manyOneEach, settings.fewSeveral),
    costRatioChannels1e5OneEach: growth(costs, settings.manyOneEach, settings.fewOneEach),
  };
}
