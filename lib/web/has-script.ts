import "server-only";
import { cookies } from "next/headers";
import { scriptCookie } from "./cookies.ts";

/**
 * Whether this browser ran a script of ours within the last hour. Where none runs a page that comes in parts never shows them:
 * it has to come whole. A browser that comes for the first time waits for the whole, too.
 */
export async function hasScript(): Promise<boolean> {
  return (await cookies()).has(scriptCookie);
}
