import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readUnknown } from "./known-paths.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "known-paths-"));
  const routes = {
    staticRoutes: [{ regex: "^/(?:/)?$" }, { regex: "^/console(?:/)?$" }],
    dynamicRoutes: [{ regex: "^/console/channel/([^/]+?)(?:/)?$" }],
  };
  await writeFile(join(dir, "routes.json"), JSON.stringify(routes));
});
afterAll(() => rm(dir, { recursive: true }));

test.each([
  ["/nothing", true],
  ["/console/channel/1/nothing", true],
  ["/wp-login.php", true],
  ["/.env", true],
  ["/", false],
  ["/console", false],
  ["/Console", false],
  ["/console/channel/123", false],
  // For Next, whose own it may be, which reads it in its own way, or which has a file of that name.
  ["/_next/data/nothing", false],
  ["/nothing/", false],
  ["//nothing", false],
  ["/nothing%2f", false],
  ["/nothing.rsc", false],
  ["/robots.txt", false],
  [`/${"a".repeat(300)}`, false],
])("%s is surely nothing: %s", async (path, isUnknown) => {
  expect((await readUnknown(join(dir, "routes.json")))?.(path)).toBe(isUnknown);
});

test("without a build nothing is known", async () => {
  expect(await readUnknown(join(dir, "none.json"))).toBeNull();
});
