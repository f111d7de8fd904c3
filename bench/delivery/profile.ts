import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { BotServer } from "#bench/support/bot-server.ts";
import { databaseCpuByTypeMs } from "#bench/support/cpu.ts";
import { profiled, type SelfTime, selfTimes } from "#bench/support/cpu-profile.ts";
import { printTable, round } from "#bench/support/figures.ts";
import { beginStatements, readStatements, statementSettings } from "#bench/support/statements.ts";
import {
  fillQueue,
  makeChannels,
  openSender,
  openWorld,
  type World,
} from "#bench/support/world.ts";
import { drainWaiting, runWorker } from "./drain.ts";

const repository = join(import.meta.dirname, "..", "..");
const file = join(repository, ".data", "bench", "worker.cpuprofile");
const linesMax = 25;

/**
 * Where the time of a drain goes: statements by pg_stat_statements, the database's processes, and the worker by V8's profiler,
 * whose file Chrome's DevTools and others open.
 */
export async function measureProfile(bot: BotServer, count: number): Promise<void> {
  const world = await openTimedWorld();
  if (world === undefined) return;
  const sender = openSender();
  try {
    const { database } = world;
    const channels = await makeChannels(database, 100, () => `${bot.url}/ok`);
    const warmCount = Math.min(count, 5_000);
    await fillQueue(database, channels, warmCount);
    await drainWaiting(database, sender, warmCount);
    await fillQueue(database, channels, count);
    await database.pool.query("vacuum analyze webhook_queue");
    await beginStatements(database.pool);
    const before = await databaseCpuByTypeMs(database.pool);
    const { result, profile } = await profiled(() => runWorker(database, sender, count));
    await printStatements(world, count);
    printProcesses(before, await databaseCpuByTypeMs(database.pool), count);
    await result.stop();
    const { functions, places } = selfTimes(profile, repository);
    printTimes("the worker's main thread, by place", places, count);
    printTimes("by function", functions, count);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, JSON.stringify(profile));
    console.log(`The CPU profile is in ${relative(process.cwd(), file)}.`);
  } finally {
    await sender.close();
    await world.stop();
  }
}

/** Undefined, having said so, where PostgreSQL cannot time its statements. */
async function openTimedWorld(): Promise<World | undefined> {
  try {
    return await openWorld(statementSettings);
  } catch (error) {
    console.log(
      `Left out: the profile, because this PostgreSQL does not start with pg_stat_statements (${String(error)}).`,
    );
    return undefined;
  }
}

async function printStatements({ database }: World, count: number): Promise<void> {
  const statements = await readStatements(database.pool);
  printTable(
    [
      "µs per delivery",
      "calls",
      "rows per call",
      "ms per call",
      "WAL bytes per delivery",
      "statement",
    ],
    statements
      .slice(0, linesMax)
      .map(({ text, isTopLevel, calls, rows, ms, walBytes }) => [
        round((ms * 1_000) / count, 2),
        calls,
        round(rows / calls, 1),
        round(ms / calls, 3),
        round(walBytes / count, 0),
        isTopLevel ? text : `  within: ${text}`,
      ]),
  );
  const outer = statements.filter((one) => one.isTopLevel);
  const total = outer.reduce((sum, one) => sum + one.ms, 0);
  console.log(
    `All statements: ${round((total * 1_000) / count, 1)} µs per delivery by the clock, which is more than processor time where others are busy.`,
  );
}

function printProcesses(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  count: number,
): void {
  const used = [...after].map(
    ([type, ms]): SelfTime => ({
      name: type,
      us: (ms - (before.get(type) ?? 0)) * 1_000,
    }),
  );
  const most = used.toSorted((one, other) => other.us - one.us);
  printTimes("the database's processes", most, count);
}

function printTimes(title: string, times: readonly SelfTime[], count: number): void {
  const total = times.reduce((sum, one) => sum + one.us, 0);
  printTable(
    [title, "µs per delivery", "share"],
    [
      ...times
        .filter((one) => one.us / count >= 0.05)
        .slice(0, linesMax)
        .map(({ name, us }) => [name, round(us / count, 2), `${round((100 * us) / total, 1)} %`]),
      ["all", round(total / count, 2), ""],
    ],
  );
}
