import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { env } from "#lib/env.ts";
import { askedPathHeader, askedPathOf } from "#lib/web/next-path.ts";
import { leaveOriginToGuard } from "#lib/web/origin.ts";
import { refuseEarly } from "#lib/web/refuse-early.ts";
import { contentSecurityPolicy, securityHeaders } from "#lib/web/security-headers.ts";
import { sharedRooms } from "#lib/web/shared-rooms.ts";

/**
 * Gives every page its Content-Security-Policy with a nonce of its own, and every answer the other protective headers.
 * It guards no page, though it refuses what a silent database could not answer, and one more of what a person has too much of under way: pages, actions and routes each ask who is there themselves.
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const { production, baseUrl, signInProviders } = env();
  const nonce = randomBytes(16).toString("base64");
  const policy = contentSecurityPolicy(nonce, {
    development: !production,
    formTargets: signInProviders.map(({ origin }) => origin),
  });
  const headers = new Headers(request.headers);
  // Next reads the nonce from the policy and puts it on its own scripts.
  headers.set("content-security-policy", policy);
  headers.set(askedPathHeader, askedPathOf(request.nextUrl));
  leaveOriginToGuard(headers, new URL(baseUrl).origin);
  // Where the start command runs the console this was asked before Next was.
  const isAsked = sharedRooms.tocsinFirst?.answer !== undefined;
  const refusal = isAsked ? null : await refuseEarly(request);
  const response =
    refusal === null
      ? NextResponse.next({ request: { headers } })
      : new NextResponse(refusal.body, refusal);
  response.headers.set("content-security-policy", policy);
  for (const [name, value] of securityHeaders(baseUrl.startsWith("https:"))) {
    response.headers.set(name, value);
  }
  return response;
}

export const config = { matcher: ["/((?!_next/static).*)"] };
