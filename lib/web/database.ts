import "server-only";
import { gatherOutages, logFailure } from "#lib/database-log.ts";
import { databaseUses } from "#lib/database-uses.ts";
import { type Database, type DatabaseUse, openDatabase } from "#lib/db.ts";
import { runtimeEnv } from "#lib/env.ts";
import { type DatabaseClock, startDatabaseClock } from "#lib/time/database-clock.ts";
import { within } from "#lib/within.ts";
import { consoleLog } from "./log.ts";
import { createPulse } from "./pulse.ts";
import { sharedRooms } from "./shared-rooms.ts";

type Uses = Record<"console" | "files" | "probe", Database>;

// Pages, actions and route handlers are bundled apart and share no modules, only `globalThis`.
const shared: typeof globalThis & {
  tocsinDatabases?: Partial<Uses>;
  tocsinClock?: DatabaseClock;
} = globalThis;

/**
 * The console process's handle for pages, forms and sign-in. Opened on first use, so a build needs no environment; tells from
 * then on when the database is away, and when this process's clock is wrong.
 */
export function database(): Database {
  sharedRooms.tocsinPulse ??= createPulse(requireDatabase);
  const isNew = shared.tocsinDatabases?.console === undefined;
  const made = opened("console", "tocsin-console", databaseUses.console);
  if (isNew) gatherOutages(consoleLog(), made.pool);
  shared.tocsinClock ??= startDatabaseClock(made.pool, { part: "console", log: consoleLog() });
  return made;
}

/** The database's time for what must not wait for an answer. @throws AppError unavailable before it was first read. */
export function consoleClock(): Date {
  database();
  if (shared.tocsinClock === undefined) throw new Error("the console's clock was not started");
  return shared.tocsinClock.now();
}

/** For files, which last as long as their readers take. */
export const filesDatabase = (): Database =>
  opened("files", "tocsin-console files", databaseUses.files);

/** For readiness, which must answer when everything else waits. */
const probeDatabase = (): Database => opened("probe", "tocsin-console probe", databaseUses.probe);

const patienceMs = 900;

/** @throws Error when the database does not answer within a second. */
export async function requireDatabase(): Promise<void> {
  await within(patienceMs, probeDatabase().pool.query("select 1"));
}

function opened(use: keyof Uses, name: string, limits: DatabaseUse): Database {
  shared.tocsinDatabases ??= {};
  shared.tocsinDatabases[use] ??= openDatabase(runtimeEnv().databaseUrl, {
    ...limits,
    name,
    onIdleError: (error) =>
      logFailure(consoleLog(), error, "an idle connection was lost", { level: "warn" }),
  });
  return shared.tocsinDatabases[use];
}
