import { connection } from "next/server";
import { logFailure } from "#lib/database-log.ts";
import { requireDatabase } from "#lib/web/database.ts";
import { consoleLog } from "#lib/web/log.ts";

/** The console can serve people: its database answers within a second. */
export async function GET(): Promise<Response> {
  await connection();
  const headers = { "cache-control": "no-store" };
  try {
    await requireDatabase();
    return Response.json({ status: "ok" }, { headers });
  } catch (error) {
    logFailure(consoleLog(), error, "the database does not answer", { level: "warn" });
    return Response.json(
      { status: "unavailable" },
      { status: 503, headers: { ...headers, "retry-after": "1" } },
    );
  }
}
