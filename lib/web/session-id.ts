import { getToken } from "next-auth/jwt";
import { runtimeEnv } from "#lib/env.ts";

export const isSecure = (): boolean => runtimeEnv().baseUrl.startsWith("https:");

/** Browsers refuse the __Host- prefix on plain http. */
export const sessionCookie = (): string =>
  isSecure() ? "__Host-tocsin.session" : "tocsin.session";

/** The session id that a request's cookie carries, as next-auth sealed it; says nothing about whether it still lives. */
export async function sessionIdIn(headers: Headers): Promise<string | null> {
  const name = sessionCookie();
  if (headers.get("cookie")?.includes(name) !== true) return null;
  const token = await getToken({
    req: { headers },
    secret: runtimeEnv().authSecret,
    cookieName: name,
    salt: name,
  }).catch(() => null);
  return typeof token?.sid === "string" ? token.sid : null;
}
