import { getToken } from "next-auth/jwt";
import { runtimeEnv } from "#lib/env.ts";

export const isSecure = (): boolean => runtimeEnv().baseUrl.startsWith("https:");

/** Browsers refuse the __Host- prefix on plain http. */
export const sessionCookie = (): string =>
  isSecure() ? "__Host-tocsin.session" : "tocsin.session";

const opened = new Map<string, string>();
const openedMax = 500;

/**
 * The session id that a request's cookie carries, as next-auth sealed it; says nothing about whether it still lives. Opening the
 * seal costs as much as several statements, and a page asks a few times: what came out of a cookie is remembered.
 */
export async function sessionIdIn(headers: Headers): Promise<string | null> {
  const name = sessionCookie();
  const cookie = headers.get("cookie");
  if (cookie?.includes(name) !== true) return null;
  const sealed = cookie
    .split(";")
    .filter((one) => one.trimStart().startsWith(name))
    .join(";");
  const known = opened.get(sealed);
  if (known !== undefined) return known;
  const token = await getToken({
    req: { headers },
    secret: runtimeEnv().authSecret,
    cookieName: name,
    salt: name,
  }).catch(() => null);
  if (typeof token?.sid !== "string") return null;
  if (opened.size >= openedMax) opened.clear();
  opened.set(sealed, token.sid);
  return token.sid;
}
