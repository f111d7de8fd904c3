import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Database, openDatabase } from "#lib/db.ts";
import { parseEnv } from "#lib/env.ts";
import { startEmbeddedDatabase } from "#prisma/embedded-database.ts";
import { migrate } from "#prisma/migrate.ts";
import { currentEnv } from "./child-env.ts";
import { type DataDirLock, DataDirTaken, lockDataDir, runtimeFile } from "./data-dir-lock.ts";

/**
 * Runs a command-line tool's work over the product's database: the one of DATABASE_URL, the embedded one of a product
 * that runs at this moment, or the embedded one started for the occasion.
 */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const env = parseEnv(currentEnv());
  if (env.databaseUrl !== undefined) return over(env.databaseUrl, work);
  const lock = await lockUnlessTaken(env.dataDir);
  if (lock === null) return over(await findRunning(env.dataDir), work);
  try {
    return await withEmbeddedDatabase(env.dataDir, work);
  } finally {
    await lock.release();
  }
}

/** Runs it over the embedded database, started for the occasion. The caller holds the lock of the data folder. */
export async function withEmbeddedDatabase<T>(
  dataDir: string,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const embedded = await startEmbeddedDatabase({ dataDir });
  try {
    return await over(embedded.url, work);
  } finally {
    await embedded.stop();
  }
}

/** Null while the product runs over the folder. */
export async function lockUnlessTaken(dataDir: string): Promise<DataDirLock | null> {
  try {
    return await lockDataDir(dataDir);
  } catch (error) {
    if (error instanceof DataDirTaken) return null;
    throw error;
  }
}

/**
 * The URL of the embedded database of a product that runs.
 * @throws Error while it starts or stops, or when something else than the product holds the folder.
 */
export async function findRunning(dataDir: string): Promise<string> {
  const text = await readFile(join(dataDir, runtimeFile), "utf8").catch(() => "");
  if (text === "") {
    throw new Error(
      `Tocsin on ${dataDir} is starting or stopping, or another command is using it: try again in a moment.`,
    );
  }
  const runtime: { databaseUrl: string } = JSON.parse(text);
  return runtime.databaseUrl;
}

async function over<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  await migrate(url);
  const database = openDatabase(url, { connectionsMax: 2 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
