import { isDatabaseAway } from "#lib/database-away.ts";
import { logFailure } from "#lib/database-log.ts";
import { databaseUses } from "#lib/database-uses.ts";
import { openDatabase } from "#lib/db.ts";
import type { Log } from "#lib/log.ts";
import type { DatabaseClock } from "#lib/time/database-clock.ts";
import { choresOf, type Retention } from "./chores.ts";

export type Housekeeping = {
  /** Resolves when the next round to begin is over. */
  round: () => Promise<void>;
  stop: () => Promise<void>;
};

export type HousekeepingOptions = {
  databaseUrl: string;
  retention: Retention;
  clock: Pick<DatabaseClock, "settle" | "isFarOff">;
  log: Log;
};

const everyMs = 10 * 60_000;
/** After a round in which something failed. */
const againMs = 60_000;

/**
 * Keeps partitions ahead of time, lets go what retention ends, and forgets what has ended. Every worker runs it, and what
 * one has done the next finds done. Each chore is on its own, over a connection that waits for nothing long: one that fails
 * keeps no other from being done, is told once, and is tried again a minute later. A process whose clock is far off does none.
 */
export function startHousekeeping({
  databaseUrl,
  retention,
  clock,
  log,
}: HousekeepingOptions): Housekeeping {
  const database = openDatabase(databaseUrl, {
    ...databaseUses.housekeeping,
    name: "tocsin housekeeping",
    onIdleError: (error) => log.debug({ err: error }, "an idle connection was lost"),
  });
  const chores = choresOf(retention, log);
  const tell = createTeller(log);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let under: Promise<void> = Promise.resolve();

  /** Whether all was done. */
  const doAll = async (): Promise<boolean> => {
    let isDone = true;
    for (const { name, run } of [{ name: "the clock", run: () => clock.settle() }, ...chores]) {
      if (stopped || clock.isFarOff()) return false;
      const problem = await run(database.pool).then(() => null, asError);
      if (isDatabaseAway(problem)) {
        logFailure(log, problem, "housekeeping failed; it is tried again");
        return false;
      }
      tell(name, problem);
      isDone &&= problem === null;
    }
    return isDone;
  };
  const round = (): Promise<void> => {
    under = under.then(async () => {
      clearTimeout(timer);
      const isDone = await doAll();
      if (!stopped) timer = setTimeout(() => void round(), isDone ? everyMs : againMs);
    });
    return under;
  };
  void round();
  return {
    round,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await under;
      await database.close();
    },
  };
}

/** A line when a chore begins to fail, and one when it is done again. */
function createTeller(log: Log): (chore: string, problem: Error | null) => void {
  const failing = new Set<string>();
  return (chore, problem) => {
    if (problem !== null && !failing.has(chore)) {
      failing.add(chore);
      log.error({ err: problem, chore }, "housekeeping failed; it will be tried again");
    } else if (problem === null && failing.delete(chore)) {
      log.info({ chore }, "housekeeping works again");
    }
  };
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));
