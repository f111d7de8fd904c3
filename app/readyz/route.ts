import { connection } from "next/server";
import { consoleLog } from "#lib/web/log.ts";
import { requireDatabase } from "#lib/web/ready.ts";

/** The console can serve people: its database answers within two seconds. */
export async function GET(): Promise<Response> {
  await connection();
  const headers = { "cache-control": "no-store" };
  try {
    await requireDatabase();
    return Response.json({ status: "ok" }, { headers });
  } catch (error) {
    consoleLog().warn({ err: error }, "the database does not answer");
    return Response.json({ status: "unavailable" }, { status: 503, headers });
  }
}
