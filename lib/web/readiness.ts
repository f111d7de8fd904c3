import "server-only";
import { logFailure } from "#lib/database-log.ts";
import { requireDatabase } from "./database.ts";
import { consoleLog } from "./log.ts";

type Readiness = { status: 200 | 503; headers: Record<string, string>; body: { status: string } };

/** Whether the console can serve people: its database answers within a second. */
export async function readiness(): Promise<Readiness> {
  try {
    await requireDatabase();
    return { status: 200, headers: {}, body: { status: "ok" } };
  } catch (error) {
    logFailure(consoleLog(), error, "the database does not answer", { level: "warn" });
    return { status: 503, headers: { "retry-after": "1" }, body: { status: "unavailable" } };
  }
}
