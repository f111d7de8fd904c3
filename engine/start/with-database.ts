import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Database, openDatabase } from "#lib/db.ts";
import { parseEnv } from "#lib/env.ts";
import { startEmbeddedDatabase } from "#prisma/embedded-database.ts";
import { migrate } from "#prisma/migrate.ts";
import { currentEnv } from "./child-env.ts";
import { lockDataDir } from "./data-dir-lock.ts";
import { runtimeFile } from "./product.ts";

/**
 * Runs a command-line tool's work over the product's database: the one of DATABASE_URL, the embedded one of a product
 * that runs at this moment, or the embedded one started for the occasion.
 */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const env = parseEnv(currentEnv());
  if (env.databaseUrl !== undefined) return over(env.databaseUrl, work);
  const lock = await lockDataDir(env.dataDir).catch(() => undefined);
  if (lock === undefined) {
    const { databaseUrl } = JSON.parse(await readFile(join(env.dataDir, runtimeFile), "utf8"));
    return over(databaseUrl, work);
  }
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

async function over<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  await migrate(url);
  const database = openDatabase(url, { connectionsMax: 2 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
