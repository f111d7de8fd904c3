import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { SchemaEngine } from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";
import { makePartitions } from "#lib/retention/make-partitions.ts";

const migrationsDir = join(import.meta.dirname, "migrations");
const schemaPath = join(import.meta.dirname, "schema.prisma");
/** Any number, the same for every process that migrates. */
const migrationLock = 7_046_201;

/**
 * Brings the database at `url` to the newest migration through the WebAssembly schema engine, in Prisma's own format
 * and with its own `_prisma_migrations` table, so `prisma migrate deploy` sees the same state. Processes that start
 * together take turns. Makes the partitions of today and the week ahead too: before anything is written there are some for
 * it (what cannot be made now a worker makes, and says so). Returns the names of the migrations it applied, in order.
 * @throws Error naming the migration that failed and why, or the one that only a newer version knows.
 */
export async function migrate(url: string): Promise<string[]> {
  const turn = new pg.Client({ connectionString: url });
  await turn.connect();
  try {
    await turn.query("select pg_advisory_lock($1)", [migrationLock]);
    const migrationsList = await readMigrations();
    const known = migrationsList.migrationDirectories.map(({ path }) => path);
    const before = await readApplied(turn);
    requireKnown(known, before);
    const applied = isWhole(known, before) ? [] : await applyAll(url, migrationsList);
    await makePartitions(turn);
    return applied;
  } finally {
    await turn.end();
  }
}

type Applied = { name: string; finished: boolean };

/** What Prisma has written down of a database, the newest first; nothing of one that is empty. */
async function readApplied(client: pg.Client): Promise<Applied[]> {
  const table = await client.query("select to_regclass('_prisma_migrations') as found");
  if (table.rows[0].found === null) return [];
  const { rows } = await client.query<Applied>(
    `select migration_name as name, finished_at is not null as finished from _prisma_migrations
      where rolled_back_at is null order by 1 desc`,
  );
  return rows;
}

/** An older version over a newer schema would go wrong here and there, and not say why. */
function requireKnown(known: readonly string[], applied: readonly Applied[]): void {
  const newest = applied.find(({ name }) => !known.includes(name));
  if (newest === undefined) return;
  throw new Error(
    `The database belongs to a newer version of Tocsin (it has ${newest.name}), whose schema this version does not know: nothing was changed. ` +
      "Start the newer version, or restore a backup from before its upgrade.",
  );
}

/** Nothing is left to do, which is so at almost every start: the engine need not be loaded to find that out. */
function isWhole(known: readonly string[], applied: readonly Applied[]): boolean {
  const finished = new Set(applied.filter((one) => one.finished).map(({ name }) => name));
  return applied.every((one) => one.finished) && known.every((name) => finished.has(name));
}

async function applyAll(
  url: string,
  migrationsList: Awaited<ReturnType<typeof readMigrations>>,
): Promise<string[]> {
  return withEngine(url, async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList,
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  });
}

/** The SQL that leads from one schema (null: an empty database) to another. */
export async function diffSchemas(url: string, from: string | null, to: string): Promise<string> {
  const datamodel = (content: string) => ({
    tag: "schemaDatamodel" as const,
    files: [{ path: "schema.prisma", content }],
  });
  return withEngine(url, async (engine) => {
    const { stdout } = await engine.diff({
      from: from === null ? { tag: "empty" } : datamodel(from),
      to: datamodel(to),
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    return stdout ?? "";
  });
}

export const readSchema = (): Promise<string> => readFile(schemaPath, "utf8");

async function readMigrations() {
  const folders = (await readdir(migrationsDir, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return {
    baseDir: migrationsDir,
    lockfile: {
      path: "migration_lock.toml",
      content: await readFile(join(migrationsDir, "migration_lock.toml"), "utf8"),
    },
    shadowDbInitScript: "",
    migrationDirectories: await Promise.all(
      folders.map(async (path) => ({
        path,
        migrationFile: {
          path: "migration.sql",
          content: {
            tag: "ok" as const,
            value: await readFile(join(migrationsDir, path, "migration.sql"), "utf8"),
          },
        },
      })),
    ),
  };
}

async function withEngine<T>(url: string, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  const { SchemaEngine } = await loadEngine();
  // The engine takes a lock for its session and never gives it back: ending the pool does.
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  const engine = await SchemaEngine.new(
    { datamodels: [["schema.prisma", await readSchema()]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool)),
  );
  try {
    return await work(engine);
  } finally {
    engine.free();
    await pool.end();
  }
}

/**
 * The engine's timers, which keep no process alive. It leaves one of 10 s behind for the lock that it has taken (8.1.0), so
 * that a command which had migrated stood there for so long after its last word.
 */
function quietTimers(bg: EngineModule): WebAssembly.ModuleImports {
  const names = Object.keys(bg).filter((name) => name.startsWith("__wbg_setTimeout_"));
  return Object.fromEntries(
    names.map((name) => [name, (run: () => void, ms: number) => setTimeout(run, ms >>> 0).unref()]),
  );
}

type EngineModule = typeof import("@prisma/schema-engine-wasm/schema_engine_bg") & {
  __wbg_set_wasm: (exports: WebAssembly.Exports) => void;
};

let loaded: Promise<EngineModule> | undefined;

/** The package's entry is for bundlers; under plain Node its WebAssembly is instantiated by hand. */
function loadEngine(): Promise<EngineModule> {
  loaded ??= (async () => {
    const bg = (await import("@prisma/schema-engine-wasm/schema_engine_bg")) as EngineModule;
    const path = createRequire(import.meta.url).resolve(
      "@prisma/schema-engine-wasm/schema_engine_bg",
    );
    const { instance } = await WebAssembly.instantiate(
      await readFile(path.replace(/\.js$/, ".wasm")),
      { "./schema_engine_bg.js": { ...bg, ...quietTimers(bg) } },
    );
    bg.__wbg_set_wasm(instance.exports);
    const start = instance.exports.__wbindgen_start;
    if (typeof start === "function") start();
    return bg;
  })();
  return loaded;
}
