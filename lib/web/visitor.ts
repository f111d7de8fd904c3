import type { Visitor } from "#lib/audit/actor.ts";

/**
 * Who knocks, for limits and the list of sessions. The address is the one the nearest proxy saw (the last in
 * X-Forwarded-For), and only where the operator says that there is a proxy; else null, as anybody can write the header.
 */
export function visitorOf(headers: Headers, trustedProxy: boolean): Visitor {
  const forwarded = trustedProxy ? headers.get("x-forwarded-for") : null;
  const address = forwarded?.split(",").at(-1)?.trim() ?? "";
  return { address: address === "" ? null : address, userAgent: headers.get("user-agent") };
}
