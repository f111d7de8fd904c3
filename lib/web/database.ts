import "server-only";
import { gatherOutages, logFailure } from "#lib/database-log.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { runtimeEnv } from "#lib/env.ts";
import { type DatabaseClock, startDatabaseClock } from "#lib/time/database-clock.ts";
import { consoleLog } from "./log.ts";
import { sharedRooms } from "./shared-rooms.ts";

// Pages, actions and route handlers are bundled apart and share no modules, only `globalThis`.
const shared: typeof globalThis & { tocsinDatabase?: Database; tocsinClock?: DatabaseClock } =
  globalThis;

/** The console process's single database handle. Opened on first use, so a build needs no environment; tells from then on when
 * this process's clock is wrong. */
export function database(): Database {
  shared.tocsinDatabase ??= open();
  shared.tocsinClock ??= startDatabaseClock(shared.tocsinDatabase.pool, {
    part: "console",
    log: consoleLog(),
  });
  return shared.tocsinDatabase;
}

/** The database's time for what must not wait for an answer. @throws AppError unavailable before it was first read. */
export function consoleClock(): Date {
  database();
  if (shared.tocsinClock === undefined) throw new Error("the console's clock was not started");
  return shared.tocsinClock.now();
}

function open(): Database {
  const opened = openDatabase(runtimeEnv().databaseUrl, {
    name: "tocsin-console",
    connectionsMax: 10,
    onIdleError: (error) =>
      logFailure(consoleLog(), error, "an idle connection was lost", { level: "warn" }),
  });
  const outages = gatherOutages(consoleLog(), opened.pool);
  sharedRooms.tocsinOutages = {
    // A console that nobody used for a while has no connection that would have told; the page needs one anyway.
    isAway: async () =>
      outages.isAway() || (opened.pool.totalCount === 0 && !(await answers(opened))),
  };
  return opened;
}

async function answers(opened: Database): Promise<boolean> {
  try {
    await opened.pool.query("select 1");
    return true;
  } catch (error) {
    logFailure(consoleLog(), error, "the database does not answer", { level: "warn" });
    return false;
  }
}
