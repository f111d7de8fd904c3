import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");

/** Where a process's own wall clock may be asked, and what for. Nothing of this decides about what is stored. */
const allowed: Record<string, string> = {
  "components/": "in a browser: what day it is there, and how long until something",
  "engine/start/": "the parts of one machine and their files",
  "prisma/embedded-database.ts": "how long PostgreSQL takes",
  "prisma/new-migration.ts": "the name of a folder",
  "prisma/restore-cluster.ts": "the name of a folder",
  "lib/database-log.ts": "a line of the log while the database is away and cannot be asked",
  "lib/web/audit-file.ts": "the name of a file",
  "lib/time/database-clock.ts": "to compare it with the database's",
  "lib/transport/sender.ts": "in tests: the product's senders are given the database's time",
  "engine/worker/delivery/worker.ts":
    "in tests: the product's workers are given the database's time",
  "engine/worker/notifications/alerter.ts":
    "in tests: the product's notifier is given the database's time",
};
const forTests = /\.test\.tsx?$/;

const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => `${folder}/${file}`)
    .filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !file.startsWith("prisma/generated/"));

test("a process's own clock is asked nowhere else: the database's decides what is due, old or over", () => {
  const files = ["app", "components", "engine", "lib", "prisma"].flatMap(sources);
  expect(files.length).toBeGreaterThan(500);
  const asking = files
    .filter((file) => !forTests.test(file))
    .filter((file) => !Object.keys(allowed).some((start) => file.startsWith(start)))
    .filter((file) => /new Date\(\)|\bDate\.now\b/.test(readFileSync(join(root, file), "utf8")));
  expect(asking).toEqual([]);
});

test("what Prisma writes down as now is PostgreSQL's now: its own @default(now()) would be the process's", () => {
  const schema = readFileSync(join(root, "prisma/schema.prisma"), "utf8");
  expect(schema.match(/@default\(dbgenerated\("CURRENT_TIMESTAMP"\)\)/g)?.length).toBeGreaterThan(
    20,
  );
  expect(schema).not.toMatch(/@default\(now\(\)\)|@updatedAt/);
});
