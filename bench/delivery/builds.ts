import type { BotServer } from "#bench/support/bot-server.ts";
import { type Build, checkOut, thisBuild } from "#bench/support/build.ts";
import {
  type Figure,
  figure,
  median,
  medianRatio,
  printTable,
  round,
  spread,
} from "#bench/support/figures.ts";
import { type Drained, holdable, timeHeldDrain } from "#bench/support/held-worker.ts";
import { install } from "#bench/support/installation.ts";

const channelCount = 100;
const warmCount = 5_000;

type Options = { count: number; rounds: number; against: string };
type Side = {
  build: Build;
  drain: (count: number) => Promise<Drained>;
  drained: Drained[];
  stop: () => Promise<void>;
};

/**
 * How many times as fast as another build this one drains a backlog. Each has its own database, migration and processes, as
 * it would be installed, and takes its webhooks in through its platform API; the builds take turns. Null where the other
 * is not to be had.
 */
export async function measureBuilds(
  bot: BotServer,
  { count, rounds, against }: Options,
): Promise<{ toBefore: Figure }> {
  const before = await checkOut(against);
  if (before === undefined) return { toBefore: null };
  const sides: Side[] = [];
  try {
    for (const build of [thisBuild, before]) sides.push(await openSide(build, bot));
    for (const side of sides) await side.drain(Math.min(count, warmCount));
    for (let turn = 0; turn < rounds; turn += 1) {
      for (const side of turn % 2 === 0 ? sides : sides.toReversed()) {
        side.drained.push(await side.drain(count));
      }
    }
  } finally {
    for (const side of sides) await side.stop();
    before.remove();
  }
  const [now, then] = sides.map(({ drained }) => drained.map(({ seconds }) => seconds));
  const perDelivery = (ms: readonly (number | null)[]) =>
    round(median(ms.map((some) => ((some ?? Number.NaN) * 1_000) / count)), 1);
  printTable(
    ["a worker process", "deliveries/s", "lowest to highest", "worker µs", "database µs"],
    sides.map(({ build, drained }) => {
      const rates = drained.map(({ seconds }) => count / seconds);
      return [
        build.name,
        Math.round(median(rates)),
        spread(rates),
        perDelivery(drained.map(({ workersMs }) => workersMs)),
        perDelivery(drained.map(({ databaseMs }) => databaseMs)),
      ];
    }),
  );
  return { toBefore: figure(medianRatio(then ?? [], now ?? [])) };
}

/** @throws Error when it does not start; what of it did is stopped then */
async function openSide(build: Build, bot: BotServer): Promise<Side> {
  const installation = await install(build);
  const { pool, makeChannel, fill } = installation;
  try {
    const channelIds: string[] = [];
    for (let made = 0; made < channelCount; made += 1) {
      channelIds.push(await makeChannel(`${bot.url}/ok`));
    }
    const worker = holdable(await installation.startWorker(), pool);
    return {
      build,
      drain: async (count) => {
        await worker.hold();
        await fill(channelIds, count);
        await pool.query("vacuum analyze webhook_queue");
        return timeHeldDrain({ pool, bot, workers: [worker], count });
      },
      drained: [],
      stop: async () => {
        await worker.stop();
        await installation.stop();
      },
    };
  } catch (error) {
    await installation.stop();
    throw error;
  }
}
