import { chown, mkdir, open, readdir, readFile, rename, rm, statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  type EmbeddedDatabase,
  type EmbeddedDatabaseOptions,
  startEmbeddedDatabase,
} from "./embedded-database.ts";
import {
  forgetChange,
  noteChange,
  type PlaceChange,
  passwordFile,
  undoBrokenRestore,
  undoChange,
  unlessMissing,
  writeOwn,
} from "./place-change.ts";
import { type Account, clusterOwner, postgresAccount } from "./postgres-account.ts";
import { preparePostgresFiles } from "./postgres-files.ts";
import {
  type BackupReport,
  damaged,
  type EntryWriter,
  readBaseBackup,
  restoredBytes,
} from "./read-base-backup.ts";
import type { TarEntry } from "./read-tar.ts";
import { takeCluster } from "./take-cluster.ts";

export type RestoredCluster = BackupReport & {
  /** Where the cluster that was there before is now; null where there was none. */
  before: string | null;
  /** The restored database, recovered and running. */
  database: EmbeddedDatabase;
};

/**
 * Puts the cluster of a backup in the place of the one in `dataDir`. It is laid out and checked beside it first, so what
 * fails until then changes nothing; what fails or is killed while they change places is undone, at once or by the next start; and
 * when the restored one does not start, the one before is put back. The caller holds the lock of the data folder.
 * @throws Error for a damaged backup, no room, or a cluster that does not start.
 */
export async function restoreCluster(
  folder: string,
  options: EmbeddedDatabaseOptions,
): Promise<RestoredCluster> {
  const { dataDir } = options;
  await undoBrokenRestore(dataDir);
  const account =
    (await clusterOwner(join(dataDir, "postgres"))) ??
    (await postgresAccount(options.accountName ?? "tocsin"));
  const { clusterDir } = await preparePostgresFiles({
    dataDir,
    account,
    shelterDir: options.shelterDir ?? "/var/lib/tocsin",
  });
  await removeLeftovers(clusterDir);
  const password = await readBackupPassword(folder);
  await requireRoom(dirname(clusterDir), await restoredBytes(folder), "restored data");
  const fresh = `${clusterDir}${freshSuffix}${process.pid}`;
  try {
    const report = await layOut(folder, fresh, account);
    const places = { clusterDir, fresh, patienceMs: options.patienceMs ?? 30_000 };
    const change = await changePlaces(places, dataDir, password);
    try {
      return { ...report, before: change.before, database: await startEmbeddedDatabase(options) };
    } catch (error) {
      await undoChange(dataDir, change);
      throw error;
    }
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

const freshSuffix = ".restoring-";

/** Of a restore that was killed while it laid a backup out. */
async function removeLeftovers(clusterDir: string): Promise<void> {
  const beginning = `${basename(clusterDir)}${freshSuffix}`;
  for (const name of await readdir(dirname(clusterDir))) {
    if (!name.startsWith(beginning)) continue;
    await rm(join(dirname(clusterDir), name), { recursive: true, force: true });
  }
}

/** The cluster knows the password of its time. @throws Error where the backup has none. */
export async function readBackupPassword(folder: string): Promise<string> {
  const password = await readFile(join(folder, passwordFile), "utf8").catch(unlessMissing);
  if (password) return password;
  throw damaged(`${passwordFile} is missing`);
}

/** What a PostgreSQL on the same disk needs for its log while something large is written beside it. */
const reserveBytes = 256 * 1024 * 1024;

/** @throws Error in words where a folder's disk has no room for so much. */
export async function requireRoom(folder: string, bytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes + reserveBytes) return;
  throw new Error(
    `There is not enough space in ${folder}: the ${what} may take ${megabytes(bytes)} MB, ${megabytes(reserveBytes)} MB are reserved for PostgreSQL, ` +
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
    throw new Error(
      `The backup contains ${name}, which no backup of the embedded PostgreSQL does.`,
    );
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
async function changePlaces(
  places: { clusterDir: string; fresh: string; patienceMs: number },
  dataDir: string,
  password: string,
): Promise<PlaceChange> {
  const { clusterDir, fresh, patienceMs } = places;
  const lock = await takeCluster(clusterDir, patienceMs);
  try {
    const isEmpty = (await readdir(clusterDir)).length === 0;
    const stamp = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
    const before = isEmpty ? null : `${clusterDir}.before-${stamp}Z`;
    const known = await readFile(join(dataDir, passwordFile), "utf8").catch(unlessMissing);
    const change = { clusterDir, fresh, before, password: known ?? null };
    await noteChange(dataDir, change);
    try {
      await (before === null ? rm(clusterDir, { recursive: true }) : rename(clusterDir, before));
      await rename(fresh, clusterDir);
      await writeOwn(dataDir, passwordFile, password);
      await forgetChange(dataDir);
      return change;
    } catch (error) {
      await undoChange(dataDir, change);
      throw error;
    }
  } finally {
    await lock.close();
  }
}
