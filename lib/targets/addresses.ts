import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Why an address is not called: its registered range, or what it is when no range says so. */
export type AddressVerdict = { allowed: true } | { allowed: false; why: string };

type Cidr = [ipaddr.IPv4 | ipaddr.IPv6, number];

const allowed: AddressVerdict = { allowed: true };

// Routed like any public address, yet answered by the host the machine runs on (Azure's wire server).
const hostServices: readonly Cidr[] = [ipaddr.parseCIDR("168.63.129.16/32")];

// Only 2000::/3 is handed out as global unicast. Everything else is special, unallocated, or another spelling of an
// IPv4 address that ipaddr.js does not know as such (`::7f00:1`, `::ffff:0:7f00:1`).
const globalUnicast: Cidr = ipaddr.parseCIDR("2000::/3");

// Registered after ipaddr.js's table was written: documentation (RFC 9637).
const laterReserved: readonly Cidr[] = [ipaddr.parseCIDR("3fff::/20")];

/**
 * CIDR ranges, or single addresses, as the operator wrote them.
 * @throws Error naming the entry that is neither.
 */
export function parseRanges(texts: readonly string[]): readonly Cidr[] {
  return texts.map((text) => {
    const [address = "", prefix] = text.trim().split("/");
    const family = isIP(address);
    if (family === 0) throw new Error(`"${text}" is not an address or CIDR range.`);
    return ipaddr.parseCIDR(`${address}/${prefix ?? (family === 4 ? 32 : 128)}`);
  });
}

/**
 * Judges one address in canonical text form (as DNS, the URL parser or a socket gives it).
 * Only the exact address family counts: an operator's `127.0.0.0/8` does not open `::ffff:127.0.0.1`.
 * Does not protect from a public address that forwards to a private one.
 */
export function judgeAddress(text: string, opened: readonly Cidr[]): AddressVerdict {
  // isIP first: ipaddr.js also reads octal, hexadecimal and short forms, in which two spellings may differ.
  if (isIP(text) === 0 || text.includes("%")) return refused("not_an_address");
  const address = ipaddr.parse(text);
  if (within(address, opened)) return allowed;
  const range = address.range();
  if (range !== "unicast") return refused(range);
  if (address.kind() === "ipv6" && !within(address, [globalUnicast])) return refused("not_global");
  if (within(address, laterReserved)) return refused("reserved");
  if (within(address, hostServices)) return refused("host_service");
  return allowed;
}

/** True when the operator opened this very address. */
export function isOpened(text: string, opened: readonly Cidr[]): boolean {
  return isIP(text) !== 0 && !text.includes("%") && within(ipaddr.parse(text), opened);
}

function within(address: ipaddr.IPv4 | ipaddr.IPv6, ranges: readonly Cidr[]): boolean {
  return ranges.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
  );
}

function refused(why: string): AddressVerdict {
  return { allowed: false, why };
}
