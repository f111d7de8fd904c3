import "server-only";
import { type Database, openDatabase } from "#lib/db.ts";
import { runtimeEnv } from "#lib/env.ts";
import { consoleLog } from "./log.ts";

// Pages, actions and route handlers are bundled apart and share no modules, only `globalThis`.
const shared: typeof globalThis & { tocsinDatabase?: Database } = globalThis;

/** The console process's single database handle. Opened on first use, so a build needs no environment. */
export function database(): Database {
  shared.tocsinDatabase ??= openDatabase(runtimeEnv().databaseUrl, {
    name: "tocsin-console",
    connectionsMax: 10,
    onIdleError: (error) => consoleLog().warn({ err: error }, "an idle connection was lost"),
  });
  return shared.tocsinDatabase;
}
