import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type EmbeddedDatabase, startEmbeddedDatabase } from "./embedded-database.ts";

/** A cluster for tests and tools: nothing is flushed to disk, and nothing is left behind after `stop`. */
export async function startThrowawayDatabase(): Promise<EmbeddedDatabase> {
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
      settings: [
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "shared_buffers=128MB",
      ],
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
