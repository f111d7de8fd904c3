import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { hostname } from "node:os";
import { join } from "node:path";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { SchemaEngine } from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";
import { makePartitions } from "#lib/retention/make-partitions.ts";
import { waitForTurn } from "./wait-for-turn.ts";
import { WholeScripts } from "./whole-scripts.ts";

const migrationsDir = join(import.meta.dirname, "migrations");
const schemaPath = join(import.meta.dirname, "schema.prisma");
/** Any number, the same for every process that migrates. */
const migrationLock = 7_046_201;

/** What Prisma's engine takes while it migrates, `prisma migrate deploy` too. */
const engineLock = 72_707_369;

export type MigrateOptions = {
  /** Told whom it waits for. */
  say?: (line: string) => void;
  /** How long to wait for another process that migrates. */
  patienceMs?: number;
  /** A process that migrates and says nothing for so long is taken for stopped: PostgreSQL ends its session, and its turn. */
  silenceMs?: number;
};

/**
 * Brings the database at `url` to the newest migration through the WebAssembly schema engine, in Prisma's own format
 * and with its own `_prisma_migrations` table, so `prisma migrate deploy` sees the same state. Processes that start
 * together take turns, where there is something to do. Each migration is one transaction with the note that it is done: one that
 * failed, or whose process was killed, has left nothing and is begun anew. Makes the partitions of today and the week ahead too:
 * before anything is written there are some for it (what cannot be made now a worker makes, and says so). Returns the names of
 * the migrations it applied, in order.
 * @throws Error naming the migration that failed and why, the one that only a newer version knows, or who else migrates.
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<string[]> {
  const list = await readMigrations();
  const turn = await connectTurn(url);
  try {
    if (await isUpToDate(turn.client, list)) {
      await makePartitions(turn.client);
      return [];
    }
    return await turn.unlessBroken(migrateInTurn(url, turn.client, list, options));
  } finally {
    await turn.end();
  }
}

async function migrateInTurn(
  url: string,
  client: pg.Client,
  migrationsList: Migrations,
  options: MigrateOptions,
): Promise<string[]> {
  const { say = console.error, patienceMs = 900_000, silenceMs = 60_000 } = options;
  await waitForTurn(client, migrationLock, { say, patienceMs });
  await client.query(`set idle_session_timeout = ${silenceMs}`);
  const breath = setInterval(() => client.query("select").catch(() => undefined), silenceMs / 6);
  try {
    await requireKnown(client, migrationsList);
    await forgetUnfinished(client);
    const applied = await withEngine(
      url,
      { scripts: scriptsOf(migrationsList), silenceMs },
      async (engine) => {
        const { appliedMigrationNames } = await engine.applyMigrations({
          migrationsList,
          filters: { externalTables: [], externalEnums: [] },
        });
        return appliedMigrationNames;
      },
    );
    await makePartitions(client);
    return applied;
  } finally {
    clearInterval(breath);
  }
}

/** A connection whose end ends what is done in its name. */
async function connectTurn(url: string) {
  const client = new pg.Client({
    connectionString: url,
    application_name: `tocsin migration (process ${process.pid} on ${hostname()})`,
  });
  let fail: (error: Error) => void = () => undefined;
  const broken = new Promise<never>((_, reject) => {
    fail = reject;
  });
  broken.catch(() => undefined);
  client.on("error", (error) => fail(error));
  await client.connect();
  await client.query("set timezone = 'UTC'");
  return {
    client,
    unlessBroken: <T>(work: Promise<T>): Promise<T> => Promise.race([work, broken]),
    end: () => client.end().catch(() => undefined),
  };
}

/** Whether every migration was applied and no other: then nobody has to be waited for. */
async function isUpToDate(client: pg.Client, list: Migrations): Promise<boolean> {
  const rows = await readApplied(client);
  const known = list.migrationDirectories.map(({ path }) => path);
  return (
    rows.length === known.length && rows.every(({ name, done }) => done && known.includes(name))
  );
}

async function readApplied(client: pg.Client): Promise<{ name: string; done: boolean }[]> {
  const table = await client.query("select to_regclass('_prisma_migrations') as found");
  if (table.rows[0].found === null) return [];
  const { rows } = await client.query<{ name: string; done: boolean }>(
    `select migration_name as name, finished_at is not null as done from _prisma_migrations
      where rolled_back_at is null order by 1 desc`,
  );
  return rows;
}

/**
 * What is written down as begun and not as done left nothing behind, and would keep the engine from beginning it anew. Not while
 * somebody works with Prisma's own tool.
 */
async function forgetUnfinished(client: pg.Client): Promise<void> {
  const unfinished = (await readApplied(client)).filter(({ done }) => !done);
  if (unfinished.length === 0) return;
  await client.query(
    `update _prisma_migrations set rolled_back_at = now()
      where finished_at is null and rolled_back_at is null
        and (select pg_try_advisory_xact_lock($1))`,
    [engineLock],
  );
}

/** An older version over a newer schema would go wrong here and there, and not say why. */
async function requireKnown(client: pg.Client, list: Migrations): Promise<void> {
  const known = list.migrationDirectories.map(({ path }) => path);
  const newest = (await readApplied(client)).find(({ name }) => !known.includes(name));
  if (newest === undefined) return;
  throw new Error(
    `The database belongs to a newer version of Tocsin (it has ${newest.name}), whose schema this version does not know: nothing was changed. ` +
      "Start the newer version, or restore a backup from before its upgrade.",
  );
}

/** The SQL that leads from one schema (null: an empty database) to another. */
export async function diffSchemas(url: string, from: string | null, to: string): Promise<string> {
  const datamodel = (content: string) => ({
    tag: "schemaDatamodel" as const,
    files: [{ path: "schema.prisma", content }],
  });
  return withEngine(url, { scripts: new Map(), silenceMs: 0 }, async (engine) => {
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

type Migrations = Awaited<ReturnType<typeof readMigrations>>;

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

/** The names of the migrations by what is in their files. */
const scriptsOf = ({ migrationDirectories }: Migrations): Map<string, string> =>
  new Map(migrationDirectories.map((one) => [one.migrationFile.content.value, one.path]));

async function withEngine<T>(
  url: string,
  { scripts, silenceMs }: { scripts: ReadonlyMap<string, string>; silenceMs: number },
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const { SchemaEngine } = await loadEngine();
  // The engine takes a lock for its session and never gives it back: ending the pool does.
  const pool = new pg.Pool({
    connectionString: url,
    max: 2,
    onConnect: async (client) => {
      await client.query(`set idle_session_timeout = ${silenceMs}`);
      await client.query("set timezone = 'UTC'");
    },
  });
  const engine = await SchemaEngine.new(
    { datamodels: [["schema.prisma", await readSchema()]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(new WholeScripts(pool, scripts)),
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
