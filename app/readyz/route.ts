import { connection } from "next/server";
import { readiness } from "#lib/web/readiness.ts";

/** The console can serve people. */
export async function GET(): Promise<Response> {
  await connection();
  const { status, headers, body } = await readiness();
  return Response.json(body, { status, headers: { ...headers, "cache-control": "no-store" } });
}
