import "server-only";
import { cookies, headers } from "next/headers";
import { sessionCookie, sessionIdIn } from "./session-id.ts";

/** The session id of the request at hand, as sessionIdIn; null once this request has taken the cookie away. */
export async function readSessionId(): Promise<string | null> {
  if (!(await cookies()).has(sessionCookie())) return null;
  return sessionIdIn(new Headers(await headers()));
}
