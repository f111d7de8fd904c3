import { Resolver } from "node:dns/promises";
import { bareName, isLocalhost } from "#lib/targets/names.ts";
import { createHostsFile } from "./hosts-file.ts";

/** Addresses of a name, or the DNS error code (`ENOTFOUND`, `ESERVFAIL`, …) that stood in their place. */
export type Resolution = { ok: true; addresses: readonly string[] } | { ok: false; code: string };

/** Resolves a host name to IPv4 and IPv6 addresses. Never rejects; may take longer than the caller waits. */
export type Resolve = (hostname: string) => Promise<Resolution>;

export type ResolverOptions = {
  /** DNS servers (`127.0.0.1:5353`); default: the machine's. */
  servers?: readonly string[];
  /** A hosts file consulted first; null for none. */
  hostsFile?: string | null;
};

// One repetition inside the 2 s the sender waits, for the UDP packet that was lost.
const tryTimeoutMs = 1_000;
const tries = 2;
// How long the second record type is waited for once the first gave addresses (RFC 8305 section 3 has 50 ms).
const secondTypeGraceMs = 100;
// A changed /etc/resolv.conf is followed after this long.
const serversMaxAgeMs = 60_000;

/**
 * Resolves with c-ares, not with getaddrinfo: a slow name server must not occupy the four threads that files and
 * password hashes share. What getaddrinfo would have added is kept: the hosts file and `localhost`.
 * Search domains are not applied: a webhook URL holds a full name.
 */
export function createResolver(options: ResolverOptions = {}): Resolve {
  const hosts = createHostsFile(options.hostsFile === undefined ? "/etc/hosts" : options.hostsFile);
  const waiting = new Map<string, Promise<Resolution>>();
  let resolver = makeResolver(options.servers);
  let madeAt = performance.now();

  const query = (name: string): Promise<Resolution> => {
    if (performance.now() - madeAt > serversMaxAgeMs) {
      resolver = makeResolver(options.servers);
      madeAt = performance.now();
    }
    return queryBoth(resolver, name);
  };

  return (hostname) => {
    const name = bareName(hostname);
    const listed = hosts(name);
    if (listed.length > 0) return Promise.resolve({ ok: true, addresses: listed });
    if (isLocalhost(name)) {
      return Promise.resolve({ ok: true, addresses: ["127.0.0.1", "::1"] });
    }
    // Connections opened together for one name share the question, never an older answer.
    const running = waiting.get(name);
    if (running) return running;
    const started = query(name).finally(() => waiting.delete(name));
    waiting.set(name, started);
    return started;
  };
}

function makeResolver(servers: readonly string[] | undefined): Resolver {
  const resolver = new Resolver({ timeout: tryTimeoutMs, tries });
  if (servers) resolver.setServers([...servers]);
  return resolver;
}

async function queryBoth(resolver: Resolver, name: string): Promise<Resolution> {
  const v4 = settle(resolver.resolve4(name));
  const v6 = settle(resolver.resolve6(name));
  const first = await Promise.race([v4.then(orNever), v6.then(orNever), both(v4, v6)]);
  if (!first.ok) return first;
  // Both families where the other answers at once; IPv4 first, as a machine without IPv6 fails only after a wait.
  const grace = delay(secondTypeGraceMs);
  const [four, six] = await Promise.all([
    Promise.race([v4, grace.promise]),
    Promise.race([v6, grace.promise]),
  ]);
  grace.clear();
  return { ok: true, addresses: [...addressesOf(four), ...addressesOf(six)] };
}

function settle(query: Promise<string[]>): Promise<Resolution> {
  return query.then(
    (addresses): Resolution =>
      addresses.length > 0 ? { ok: true, addresses } : { ok: false, code: "ENODATA" },
    (error: unknown): Resolution => ({ ok: false, code: codeOf(error) }),
  );
}

function orNever(resolution: Resolution): Promise<Resolution> | Resolution {
  return resolution.ok ? resolution : new Promise<Resolution>(() => {});
}

// Both failed: that a name does not exist is only known when neither question was left unanswered.
async function both(v4: Promise<Resolution>, v6: Promise<Resolution>): Promise<Resolution> {
  const [four, six] = await Promise.all([v4, v6]);
  if (four.ok) return four;
  if (six.ok) return six;
  return isAbsent(four.code) ? six : four;
}

function isAbsent(code: string): boolean {
  return code === "ENOTFOUND" || code === "ENODATA";
}

function addressesOf(resolution: Resolution | null): readonly string[] {
  return resolution?.ok ? resolution.addresses : [];
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "EDNS";
}

function delay(ms: number): { promise: Promise<null>; clear: () => void } {
  let clear = () => {};
  const promise = new Promise<null>((resolve) => {
    const timer = setTimeout(resolve, ms, null);
    clear = () => clearTimeout(timer);
  });
  return { promise, clear };
}
