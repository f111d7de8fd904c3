import type { Visitor } from "#lib/audit/actor.ts";
import { plainAddress } from "#lib/audit/plain-address.ts";

/**
 * Who knocks, for limits, the audit log and the list of sessions. The address is the one that the nearest proxy saw (the
 * last in X-Forwarded-For), or that of the connection; null where no header can be believed (`env.visitorAddressHeader`).
 */
export function visitorOf(headers: Headers, addressHeader: string | null): Visitor {
  const said = addressHeader === null ? null : headers.get(addressHeader);
  const address = said?.split(",").at(-1)?.trim() ?? "";
  return {
    address: address === "" ? null : plainAddress(address),
    userAgent: headers.get("user-agent"),
  };
}
