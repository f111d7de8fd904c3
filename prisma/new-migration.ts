// npm run db:new-migration -- --name add_something [--from REVISION]
// Writes prisma/migrations/<time>_<name>/migration.sql: what leads from the schema as last committed to the schema now.
// Partitioning, partial indexes and data are added to it by hand; the drift test tells when both ways disagree.
import { execFileSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { diffSchemas, readSchema } from "./migrate.ts";
import { startThrowawayDatabase } from "./throwaway-database.ts";

const { values } = parseArgs({ options: { name: { type: "string" }, from: { type: "string" } } });
if (values.name === undefined || !/^[a-z0-9_]+$/.test(values.name)) {
  console.error(
    "Name the migration: npm run db:new-migration -- --name add_something (a-z, 0-9, _)",
  );
  process.exit(1);
}
const dir = join(import.meta.dirname, "migrations");
const first = (await readdir(dir, { withFileTypes: true })).every((entry) => !entry.isDirectory());
const before = first
  ? null
  : execFileSync("git", ["show", `${values.from ?? "HEAD"}:prisma/schema.prisma`], {
      encoding: "utf8",
    });
const database = await startThrowawayDatabase();
try {
  const sql = await diffSchemas(database.url, before, await readSchema());
  if (sql.trim() === "" || sql.includes("This is an empty migration")) {
    console.error("The schema has not changed: no migration written.");
    process.exitCode = 1;
  } else {
    const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
    const folder = join(dir, `${stamp}_${values.name}`);
    await mkdir(folder);
    await writeFile(join(folder, "migration.sql"), sql);
    console.log(
      `Wrote ${folder}/migration.sql: read it, and add by hand what Prisma does not know.`,
    );
  }
} finally {
  await database.stop();
}
