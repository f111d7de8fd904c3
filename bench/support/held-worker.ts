import { setTimeout as pause } from "node:timers/promises";
import type { Pool } from "pg";
import type { BotServer } from "./bot-server.ts";
import { databaseCpuMs, treeCpuMs } from "./cpu.ts";
import type { EnginePart } from "./engine.ts";
import { undoneOnInterrupt } from "./interrupt.ts";

/**
 * A worker process, warm and connected, that does nothing until it is let go: so a backlog can be queued by whatever means the
 * build has, and drained without the second that a process needs to begin.
 */
export type HeldWorker = {
  /** The system stops it, at a moment at which it holds no lock in the database. */
  hold: () => Promise<void>;
  letGo: () => void;
  cpuMs: () => Promise<number | null>;
  /** Lets it go and ends it. */
  stop: () => Promise<void>;
};

/** `pool` is of the worker's database. */
export function holdable({ pid, stop }: EnginePart, pool: Pool): HeldWorker {
  const letGo = () => {
    if (isAlive(pid)) process.kill(pid, "SIGCONT");
  };
  // A stopped process heeds nothing else, also when the bench is interrupted.
  const forget = undoneOnInterrupt(letGo);
  const hold = async (): Promise<void> => {
    for (let tries = 0; tries < 100; tries += 1) {
      process.kill(pid, "SIGSTOP");
      if (await isQuiet(pool)) return;
      letGo();
      await pause(20);
    }
    throw new Error("the worker has a transaction open whenever it is looked at");
  };
  return {
    hold,
    letGo,
    cpuMs: () => treeCpuMs(pid),
    stop: async () => {
      forget();
      await stop();
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** No transaction is open, or what was under way ends within half a second by itself. */
async function isQuiet(pool: Pool): Promise<boolean> {
  for (let looks = 0; looks < 25; looks += 1) {
    const { rows } = await pool.query<{ open: boolean }>(
      `select exists (select from pg_stat_activity
                       where datname = current_database() and backend_type = 'client backend'
                         and pid <> pg_backend_pid() and xact_start is not null) as open`,
    );
    if (rows[0]?.open === false) return true;
    await pause(20);
  }
  return false;
}

export type Drained = {
  seconds: number;
  /** Processor time; null where the system does not tell. */
  workersMs: number | null;
  databaseMs: number | null;
};

/**
 * Lets the workers go and times them until `count` webhooks more are in the log. Says how many of them were not delivered, as
 * when a busy machine is late.
 * @throws Error when the log stops growing before, or when more than a hundredth were not delivered
 */
export async function timeHeldDrain(options: {
  pool: Pool;
  bot: BotServer;
  workers: readonly HeldWorker[];
  count: number;
}): Promise<Drained> {
  const { pool, bot, workers, count } = options;
  const workersMs = async () => total(await Promise.all(workers.map((worker) => worker.cpuMs())));
  const [arrivedBefore, before] = [await bot.count(), await readLog(pool)];
  const [workersBefore, databaseBefore] = [await workersMs(), await databaseCpuMs(pool)];
  const since = performance.now();
  for (const worker of workers) worker.letGo();
  // The log is asked no earlier: counting rows costs the database as much as recording some.
  await untilGrown(bot.count, arrivedBefore + count, quietMs);
  const hasAll = await untilGrown(
    async () => (await readLog(pool)).ended,
    before.ended + count,
    stallMs,
  );
  const seconds = (performance.now() - since) / 1_000;
  const drained = {
    seconds,
    workersMs: difference(await workersMs(), workersBefore),
    databaseMs: difference(await databaseCpuMs(pool), databaseBefore),
  };
  const after = await readLog(pool);
  const [ended, failed] = [after.ended - before.ended, after.failed - before.failed];
  if (!hasAll || failed > count / 100) {
    throw new Error(`of ${count} webhooks ${ended} ended, ${failed} of them without a delivery`);
  }
  if (failed > 0) console.log(`Not delivered in one drain: ${failed} of ${count}.`);
  return drained;
}

type Logged = { ended: number; failed: number };

async function readLog(pool: Pool): Promise<Logged> {
  const { rows } = await pool.query<Logged>(
    `select count(*)::int as ended, (count(*) filter (where state <> 'delivered'))::int as failed from webhooks`,
  );
  return rows[0] ?? { ended: 0, failed: 0 };
}

const total = (some: readonly (number | null)[]): number | null =>
  some.reduce((sum, one) => (sum === null || one === null ? null : sum + one), 0);

const difference = (now: number | null, before: number | null): number | null =>
  now === null || before === null ? null : now - before;

/** Webhooks that cannot be delivered do not arrive: after so long without one, the rest is left to the log. */
const quietMs = 2_000;
/** Without growth for so long, something is wrong with the build. */
const stallMs = 60_000;

/** Waits until the count is what is wanted, or has not grown for so long; whether it is what is wanted. */
async function untilGrown(
  ask: () => Promise<number>,
  wanted: number,
  patienceMs: number,
): Promise<boolean> {
  let [last, lastAt] = [Number.NaN, performance.now()];
  for (;;) {
    const now = await ask();
    if (now >= wanted) return true;
    if (now !== last) [last, lastAt] = [now, performance.now()];
    else if (performance.now() - lastAt > patienceMs) return false;
    await pause(10);
  }
}
