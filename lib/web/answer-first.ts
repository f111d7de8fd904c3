import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { env } from "#lib/env.ts";
import { cookiesIn, type Jar } from "./cookies-in.ts";
import { filesPath } from "./files-path.ts";
import { readUnknown } from "./known-paths.ts";
import { createNothingHere } from "./nothing-here.ts";
import { readiness } from "./readiness.ts";
import { refuseEarly } from "./refuse-early.ts";
import { contentSecurityPolicy, securityHeaders } from "./security-headers.ts";
import { sessionCookie } from "./session-id.ts";

type Asked = { method: string; pathname: string; hasQuery: boolean };
export type FirstAnswer = { status: number; headers: Record<string, string>; body: string };

const asJson = { "content-type": "application/json", "cache-control": "no-store" };

/**
 * Answers what needs no page: whether the process lives, whoever asks for a file without a session, for what is not there, or
 * for more than they may have at once. The answers are those that Next would give, at a fraction of its work. Null, or a
 * promise of null, is for Next. It lets nobody in: whoever has a cookie is asked who they are where the page is made.
 */
export async function openAnswerFirst(): Promise<
  (request: IncomingMessage) => Promise<FirstAnswer | null> | null
> {
  const isUnknown = await readUnknown();
  const nothing = createNothingHere();
  return (request) => {
    const { method = "GET", url = "/" } = request;
    if (url.startsWith("/_next/") || nothing.isSample(url)) return null;
    const [pathname = "/", query] = url.split("?", 2);
    return answer(request, { method, pathname, hasQuery: query !== undefined });
  };

  async function answer(request: IncomingMessage, asked: Asked): Promise<FirstAnswer | null> {
    const isPlain = asked.method === "GET" && request.headers.rsc === undefined;
    const health = isPlain ? await healthOf(asked.pathname) : null;
    if (health !== null) return withPolicy(() => health);
    const jar = cookiesIn(request.headers.cookie);
    const refusal = await refuseEarly({
      method: asked.method,
      headers: headersOf(request),
      cookies: { get: (name) => jar.get(name) },
      nextUrl: { pathname: asked.pathname },
    });
    if (refusal !== null) {
      const { status, headers } = refusal;
      const body = await refusal.text();
      return withPolicy(() => ({ status, headers: Object.fromEntries(headers), body }));
    }
    return isPlain ? refusePlain(request, asked, jar) : null;
  }

  function refusePlain(request: IncomingMessage, asked: Asked, jar: Jar): FirstAnswer | null {
    const { pathname, hasQuery } = asked;
    if (filesPath.test(pathname) && !jar.has(sessionCookie())) {
      const body = JSON.stringify({ message: "Sign in first." });
      return withPolicy(() => ({ status: 401, headers: asJson, body }));
    }
    if (hasQuery || isUnknown?.(pathname) !== true) return null;
    const page = nothing.pageFor(request, jar);
    if (page === null) return null;
    return withPolicy((nonce) => ({
      status: 404,
      headers: page.headers,
      body: page.fill(pathname, nonce),
    }));
  }
}

async function healthOf(pathname: string): Promise<FirstAnswer | null> {
  if (pathname === "/healthz") {
    return { status: 200, headers: asJson, body: JSON.stringify({ status: "ok" }) };
  }
  if (pathname !== "/readyz") return null;
  const { status, headers, body } = await readiness();
  return { status, headers: { ...headers, ...asJson }, body: JSON.stringify(body) };
}

/** What refusals are decided by. */
function headersOf({ headers }: IncomingMessage): Headers {
  const some = new Headers();
  for (const name of ["cookie", "accept-language", "content-length"] as const) {
    const value = headers[name];
    if (value !== undefined) some.set(name, value);
  }
  return some;
}

/** With the headers that proxy.ts gives to every answer. */
function withPolicy(make: (nonce: string) => FirstAnswer): FirstAnswer {
  const { production, baseUrl, signInProviders } = env();
  const nonce = randomBytes(16).toString("base64");
  const { status, headers, body } = make(nonce);
  const policy = contentSecurityPolicy(nonce, {
    development: !production,
    formTargets: signInProviders.map(({ origin }) => origin),
  });
  return {
    status,
    headers: {
      ...headers,
      "content-security-policy": policy,
      ...Object.fromEntries(securityHeaders(baseUrl.startsWith("https:"))),
    },
    body,
  };
}
