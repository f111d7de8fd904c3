import ipaddr from "ipaddr.js";
import type { Visitor } from "#lib/audit/actor.ts";
import type { Limit } from "#lib/limits/rate-limit.ts";

const hourMs = 3_600_000;

/** Limits of what can be asked for again and again, per subject; of mails to addresses that somebody typed see mail-limits.ts. */
export const accountLimits = {
  /** Mails to one address that somebody only has to name. */
  resetAddress: { name: "reset:address", max: 3, windowMs: hourMs },
  signUpAddress: { name: "sign-up:address", max: 3, windowMs: hourMs },
  /** What one visitor (where it can be told) may ask for. */
  visitor: { name: "account-mail:visitor", max: 20, windowMs: hourMs },
  verify: { name: "verify-email:user", max: 3, windowMs: hourMs },
  emailChange: { name: "change-email:user", max: 5, windowMs: hourMs },
  /** Codes of a second factor: of a million, three are right at a time. */
  code: { name: "code:user", max: 5, windowMs: 60_000 },
  codeHour: { name: "code-hour:user", max: 20, windowMs: hourMs },
  /** The own password, asked for again before a change. */
  password: { name: "password:user", max: 5, windowMs: 60_000 },
  askInviter: { name: "ask-inviter:user", max: 5, windowMs: hourMs },
} as const satisfies Record<string, Limit>;

/**
 * What a visitor's tries are counted by: the address, of IPv6 the network of 64 bits, in which whoever has one address has
 * all. Null where it is not known, or is this machine's own: that of a proxy, perhaps, which stands for everybody.
 */
export function countedAddress({ address }: Visitor): string | null {
  const bare = address === null ? null : withoutPort(address);
  if (bare === null || !ipaddr.isValid(bare)) return bare;
  const parsed = ipaddr.process(bare);
  if (parsed.range() === "loopback") return null;
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}

/** `192.0.2.7:41234` and `[2001:db8::7]:41234`, as some proxies write into X-Forwarded-For. */
const withoutPort = (address: string): string =>
  /^\[([^\]]+)\](?::\d+)?$/.exec(address)?.[1] ?? /^([^:]+):\d+$/.exec(address)?.[1] ?? address;
