import { spawn } from "node:child_process";
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
 * A cluster for tests, tools and benches, of which nothing is left behind after `stop`, nor when the process that asked for it
 * is killed. Nothing is flushed to disk unless other settings are given.
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
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
    await rm(shelterDir, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const database = await startEmbeddedDatabase({
      dataDir,
      shelterDir,
      accountName: "nobody",
      port: 0,
      settings,
    });
    const letBe = cleanAfterDeath(database.pid, [dataDir, shelterDir]);
    return { ...database, stop: () => database.stop().then(letBe).then(clean) };
  } catch (error) {
    await clean();
    throw error;
  }
}

/** Waits for the end of this process, whatever ends it, and then ends the server and removes its folders. Returns how to end the wait. */
function cleanAfterDeath(pid: number | undefined, folders: readonly string[]): () => void {
  const script = `read -r _ && exit; kill -QUIT "$1"; while kill -0 "$1"; do sleep 0.2; done; shift; rm -rf "$@"`;
  const watch = spawn("sh", ["-c", script, "sh", String(pid), ...folders], {
    // Its own group: what a terminal sends to all reaches it not.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watch.unref();
  return () => {
    watch.stdin.end("stopped\n");
  };
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
