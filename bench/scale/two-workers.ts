import { cpus } from "node:os";
import type { BotServer } from "#bench/support/bot-server.ts";
import { startPart } from "#bench/support/engine.ts";
import {
  type Figure,
  figure,
  median,
  medianRatio,
  printTable,
  round,
  spread,
} from "#bench/support/figures.ts";
import { type HeldWorker, holdable, timeHeldDrain } from "#bench/support/held-worker.ts";
import { fillQueue, makeChannels, openWorld } from "#bench/support/world.ts";
import { freePort } from "#e2e/servers/free-port.ts";

const channelCount = 100;
const answerMs = 50;
const warmCount = 3_000;

type Run = { seconds: number; busyCores: number };

/**
 * How many times as fast two worker processes finish a backlog as one does, where bot servers answer after 50 ms: one worker
 * then waits for its slots, and leaves processor time over. Each channel's bot server has an address of its own.
 */
export async function measureTwoWorkers(
  bot: BotServer,
  { count, rounds }: { count: number; rounds: number },
): Promise<{ twoWorkersRatio: Figure }> {
  const world = await openWorld();
  const { pool } = world.database;
  const workers: HeldWorker[] = [];
  const runs = { one: [] as Run[], two: [] as Run[] };
  try {
    const channels = await makeChannels(world.database, channelCount, (index) =>
      bot.url.replace("127.0.0.1", `127.3.0.${index + 1}`).concat(`/after?ms=${answerMs}`),
    );
    const enginePort = await freePort();
    for (let started = 0; started < 2; started += 1) {
      const part = await startPart({ url: world.url, role: "worker", enginePort });
      workers.push(holdable(part, pool));
    }
    const drain = async (some: readonly HeldWorker[], size: number): Promise<Run> => {
      for (const worker of workers) await worker.hold();
      await fillQueue(world.database, channels, size);
      await pool.query("vacuum analyze webhook_queue");
      const busyBefore = busyMs();
      const { seconds } = await timeHeldDrain({ pool, bot, workers: some, count: size });
      return { seconds, busyCores: (busyMs() - busyBefore) / (seconds * 1_000) };
    };
    for (const worker of workers) await drain([worker], warmCount);
    for (let turn = 0; turn < rounds; turn += 1) {
      const inTurn = turn % 2 === 0 ? (["one", "two"] as const) : (["two", "one"] as const);
      for (const name of inTurn) {
        runs[name].push(await drain(workers.slice(0, name === "one" ? 1 : 2), count));
      }
    }
  } finally {
    for (const worker of workers) await worker.stop();
    await world.stop();
  }
  printTable(
    [
      `bot servers that answer after ${answerMs} ms`,
      "deliveries/s",
      "lowest to highest",
      "cores busy",
    ],
    Object.entries(runs).map(([name, some]) => {
      const rates = some.map(({ seconds }) => count / seconds);
      const busy = median(some.map(({ busyCores }) => busyCores));
      return [
        name === "one" ? "one worker" : "two workers",
        Math.round(median(rates)),
        spread(rates),
        `${round(busy, 1)} of ${cpus().length}`,
      ];
    }),
  );
  const seconds = (some: readonly Run[]) => some.map((run) => run.seconds);
  return { twoWorkersRatio: figure(medianRatio(seconds(runs.one), seconds(runs.two))) };
}

/** Processor time that everybody on this machine has used. */
function busyMs(): number {
  return cpus().reduce(
    (sum, { times }) => sum + times.user + times.nice + times.sys + times.irq,
    0,
  );
}
