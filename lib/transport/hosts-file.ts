import { readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";

const checkEveryMs = 5_000;

/**
 * Looks names up in a hosts file, as getaddrinfo would; follows changes within 5 s.
 * Returns no addresses for unknown names and for a file that is not there. `path` null: no file.
 */
export function createHostsFile(path: string | null): (name: string) => readonly string[] {
  let names = new Map<string, string[]>();
  let checkedAt = Number.NEGATIVE_INFINITY;
  let version = -1;

  return (name) => {
    if (path === null) return [];
    if (performance.now() - checkedAt > checkEveryMs) {
      checkedAt = performance.now();
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat && stat.mtimeMs !== version) names = parseHosts(readFileSync(path, "utf8"));
      version = stat?.mtimeMs ?? -1;
    }
    return names.get(name) ?? [];
  };
}

/** The entries of a hosts file: lower-case name to its addresses, in the file's order. */
export function parseHosts(text: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [address = "", ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const alias of aliases) {
      const name = alias.toLowerCase();
      const known = names.get(name) ?? [];
      if (!known.includes(address)) names.set(name, [...known, address]);
    }
  }
  return names;
}
