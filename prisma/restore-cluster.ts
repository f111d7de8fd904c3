import {
  chown,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  type EmbeddedDatabase,
  type EmbeddedDatabaseOptions,
  startEmbeddedDatabase,
} from "./embedded-database.ts";
import { type Account, clusterOwner, postgresAccount } from "./postgres-account.ts";
import { preparePostgresFiles } from "./postgres-files.ts";
import {
  type BackupReport,
  type EntryWriter,
  readBaseBackup,
  restoredBytes,
} from "./read-base-backup.ts";
import type { TarEntry } from "./read-tar.ts";
import { takeCluster } from "./take-cluster.ts";

export const passwordFile = "postgres-password";

export type RestoredCluster = BackupReport & {
  /** Where the cluster that was there before is now; null where there was none. */
  before: string | null;
  /** The restored database, recovered and running. */
  database: EmbeddedDatabase;
};

/**
 * Puts the cluster of a backup in the place of the one in `dataDir`. It is laid out and checked beside it first, so what
 * fails until then changes nothing; and when the restored one does not start, the one before is put back. The caller holds the
 * lock of the data folder.
 * @throws Error for a damaged backup, no room, or a cluster that does not start.
 */
export async function restoreCluster(
  folder: string,
  options: EmbeddedDatabaseOptions,
): Promise<RestoredCluster> {
  const { dataDir } = options;
  const account =
    (await clusterOwner(join(dataDir, "postgres"))) ??
    (await postgresAccount(options.accountName ?? "tocsin"));
  const { clusterDir } = await preparePostgresFiles({
    dataDir,
    account,
    shelterDir: options.shelterDir ?? "/var/lib/tocsin",
  });
  await requireRoom(dirname(clusterDir), await restoredBytes(folder), "restored data");
  const fresh = `${clusterDir}.restoring-${process.pid}`;
  try {
    const report = await layOut(folder, fresh, account);
    const before = await swap({ clusterDir, fresh, patienceMs: options.patienceMs ?? 30_000 });
    const putBack = await replacePassword(folder, dataDir);
    try {
      return { ...report, before, database: await startEmbeddedDatabase(options) };
    } catch (error) {
      await rename(clusterDir, fresh);
      await (before === null ? mkdir(clusterDir) : rename(before, clusterDir));
      await putBack();
      throw error;
    }
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** What a PostgreSQL on the same disk needs for its log while something large is written beside it. */
const reserveBytes = 256 * 1024 * 1024;

/** @throws Error in words where a folder's disk has no room for so much. */
export async function requireRoom(folder: string, bytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes + reserveBytes) return;
  throw new Error(
    `There is no room in ${folder}: the ${what} may take ${megabytes(bytes)} MB, ${megabytes(reserveBytes)} MB stay for PostgreSQL, ` +
      `and ${megabytes(free)} MB are free.`,
  );
}

const megabytes = (bytes: number): number => Math.ceil(bytes / 1024 / 1024);

async function layOut(
  folder: string,
  target: string,
  account: Account | undefined,
): Promise<BackupReport> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { mode: 0o700 });
  const give = async (path: string): Promise<void> => {
    if (account !== undefined) await chown(path, account.uid, account.gid);
  };
  await give(target);
  return readBaseBackup(folder, async (entry) => {
    const path = placeOf(target, entry);
    if (entry.type === "folder") {
      await mkdir(path, { recursive: true, mode: 0o700 });
      await give(path);
      return null;
    }
    const writer = await openWriter(path);
    await give(path);
    return writer;
  });
}

/** Tablespaces elsewhere are links, which no cluster of ours has; a name that leads out of the folder is no server's. */
function placeOf(target: string, { name, type }: TarEntry): string {
  if (type === "other" || name.startsWith("/") || name.split("/").includes("..")) {
    throw new Error(`The backup holds ${name}, which no backup of the embedded PostgreSQL does.`);
  }
  return join(target, name);
}

async function openWriter(path: string): Promise<EntryWriter> {
  const file = await open(path, "wx", 0o600);
  return {
    write: async (bytes) => {
      await file.writeFile(bytes);
    },
    end: () => file.close(),
  };
}

/** The lock of the cluster's place keeps out what might still work there; the restored one takes it anew when it starts. */
async function swap(places: {
  clusterDir: string;
  fresh: string;
  patienceMs: number;
}): Promise<string | null> {
  const { clusterDir, fresh, patienceMs } = places;
  const lock = await takeCluster(clusterDir, patienceMs);
  try {
    const isEmpty = (await readdir(clusterDir)).length === 0;
    const stamp = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
    const before = `${clusterDir}.before-${stamp}Z`;
    await (isEmpty ? rm(clusterDir, { recursive: true }) : rename(clusterDir, before));
    await rename(fresh, clusterDir);
    return isEmpty ? null : before;
  } finally {
    await lock.close();
  }
}

/** The cluster knows the password of its time. Resolves with how to take that back. */
async function replacePassword(folder: string, dataDir: string): Promise<() => Promise<void>> {
  const path = join(dataDir, passwordFile);
  const known = await readFile(path).catch(() => null);
  await writeFile(path, await readFile(join(folder, passwordFile)), { mode: 0o600 });
  if (process.getuid?.() === 0) {
    const { uid, gid } = await stat(dataDir);
    await chown(path, uid, gid);
  }
  return async () => {
    await (known === null ? rm(path) : writeFile(path, known));
  };
}
