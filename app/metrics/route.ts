import { connection } from "next/server";
import { consoleMetrics } from "#lib/web/metrics.ts";

export async function GET(): Promise<Response> {
  await connection();
  const registry = consoleMetrics();
  return new Response(await registry.metrics(), {
    headers: { "content-type": registry.contentType, "cache-control": "no-store" },
  });
}
