import type { NextRequest } from "next/server";
import { handlers } from "#lib/web/auth.ts";

/**
 * Where a provider sends people back to: the only one of next-auth's endpoints that the console answers. The others would
 * start sign-ins by other sites' forms, or show the session's id to scripts.
 */
export async function GET(request: NextRequest): Promise<Response> {
  return handlers.GET(request);
}
