import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Locked = { version?: string; resolved?: string; integrity?: string; link?: boolean };

const lock: { packages: Record<string, Locked> } = JSON.parse(
  readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"),
);

/**
 * Below these versions there are published holes that reach this product: Next and React (remote code, cache and proxy bypasses of
 * 2025 and 2026), zod (GHSA-mrhx-c7xc-m3w5), nodemailer (misrouted mail), undici (the last line for Node 20). fastify, pg, sharp,
 * @auth/core and jose are the first to read what strangers send, or hold sessions: none is older than what was tested last.
 */
const floors: Record<string, string> = {
  next: "16.4.6",
  react: "19.3.1",
  "react-dom": "19.3.1",
  zod: "4.6.7",
  nodemailer: "10.6.1",
  undici: "7.30.0",
  fastify: "5.12.8",
  pg: "8.23.1",
  sharp: "0.35.5",
  "@auth/core": "0.41.3",
  jose: "6.2.17",
};

const installed = (name: string): string[] =>
  Object.entries(lock.packages)
    .filter(([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`))
    .map(([, { version = "0" }]) => version);

/** Compares releases; what stands behind a hyphen comes before the release itself. */
function isAtLeast(version: string, floor: string): boolean {
  const [release = "", early] = version.split(/-(.*)/);
  const [have, need] = [release, floor].map((text) => text.split(".").map(Number));
  for (let at = 0; at < 3; at += 1) {
    const difference = (have?.[at] ?? 0) - (need?.[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return early === undefined;
}

test.for(Object.entries(floors))("every copy of %s is at least %s", ([name, floor]) => {
  const versions = installed(name);
  expect(versions).not.toEqual([]);
  expect(versions.filter((version) => !isAtLeast(version, floor))).toEqual([]);
});

test("an older, and an early, version is below a floor", () => {
  expect(isAtLeast("16.4.4", "16.4.5")).toBe(false);
  expect(isAtLeast("16.4.5-canary.3", "16.4.5")).toBe(false);
  expect(isAtLeast("16.10.0", "16.4.5")).toBe(true);
});

test("every package comes from a registry and is told apart by its hash", () => {
  const odd = Object.entries(lock.packages).filter(
    ([path, { integrity, resolved, link }]) =>
      path !== "" &&
      (link === true ||
        !integrity?.startsWith("sha512-") ||
        /^(git|file|http:)/.test(resolved ?? "")),
  );
  // Packages that came inside another package's archive are covered by that one's hash.
  expect(odd.filter(([path]) => !isBundled(path)).map(([path]) => path)).toEqual([]);
});

const isBundled = (path: string): boolean =>
  (lock.packages[path] as (Locked & { inBundle?: boolean }) | undefined)?.inBundle === true;
