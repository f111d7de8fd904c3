import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type EmbeddedDatabase, startEmbeddedDatabase } from "./embedded-database.ts";

/** Fast and forgetful: right for tests, wrong for anything that measures. */
const volatile = [
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "shared_buffers=128MB",
];

/**
 * A cluster for tests, tools and benches, of which nothing is left behind after `stop`. Nothing is flushed to disk
 * unless other settings are given.
 */
export async function startThrowawayDatabase(
  settings: readonly string[] = volatile,
): Promise<EmbeddedDatabase> {
  const base = join(import.meta.dirname, "..", ".data", "throwaway");
  await mkdir(base, { recursive: true });
  const dataDir = await mkdtemp(join(base, "run-"));
  const shelterDir = await mkdtemp(join(tmpdir(), "tocsin-throwaway-"));
  // PostgreSQL's account passes through; it sees only what is its own.
  await Promise.all([chmod(dataDir, 0o711), chmod(shelterDir, 0o711)]);
  const clean = async () => {
    await rm(dataDir, { recursive: true, force: true });
    await rm(shelterDir, { recursive: true, force: true });
  };
  try {
    const database = await startEmbeddedDatabase({
      dataDir,
      shelterDir,
      accountName: "nobody",
      port: 0,
      settings,
    });
    return { ...database, stop: () => database.stop().then(clean) };
  } catch (error) {
    await clean();
    throw error;
  }
}

/** Runs one statement that no transaction may hold, such as `create database`. */
export async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
