import { mkdirSync, rmSync } from "node:fs";
import { chown, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openDatabase } from "#lib/db.ts";
import { writeBaseBackup } from "#prisma/base-backup.ts";
import {
  type EmbeddedDatabaseOptions,
  postgresMajor,
  startEmbeddedDatabase,
} from "#prisma/embedded-database.ts";
import { passwordFile, unlessMissing } from "#prisma/place-change.ts";
import { type BackupReport, damaged, readBaseBackup } from "#prisma/read-base-backup.ts";
import {
  type RestoredCluster,
  readBackupPassword,
  requireRoom,
  restoreCluster,
} from "#prisma/restore-cluster.ts";
import { lockDataDir } from "./data-dir-lock.ts";
import { findRunning, lockUnlessTaken } from "./with-database.ts";

/** What a backup says of itself, beside PostgreSQL's own list. */
type About = {
  format: 1;
  takenAt: string;
  /** Major version of the PostgreSQL that can read it. */
  postgres: string;
  /** Names of the encryption keys (lib/sealing.ts) that open what is sealed in it. */
  keyNames: readonly string[];
};

export type BackupTaken = BackupReport & { folder: string };
const aboutFile = "tocsin.json";

/**
 * Takes a backup of the embedded database into a new folder below `to`: of a product that runs, without stopping it, or of
 * one that does not, without changing its schema. Read back and checked before it gets its name.
 * @throws Error in words when there is no room, nothing to back up, or what was written is not what PostgreSQL sent.
 */
export async function takeBackup({
  to,
  keyNames,
  ...options
}: EmbeddedDatabaseOptions & { to: string; keyNames: readonly string[] }): Promise<BackupTaken> {
  const { dataDir } = options;
  await requireCluster(dataDir);
  const lock = await lockUnlessTaken(dataDir);
  if (lock === null) return writeBackup({ url: await findRunning(dataDir), dataDir, to, keyNames });
  try {
    const embedded = await startEmbeddedDatabase(options);
    try {
      return await writeBackup({ url: embedded.url, dataDir, to, keyNames });
    } finally {
      await embedded.stop();
    }
  } finally {
    await lock.release();
  }
}

async function requireCluster(dataDir: string): Promise<void> {
  const version = join(dataDir, "postgres", "PG_VERSION");
  const found = await stat(version).catch(toMissing(dataDir));
  if (found !== undefined) return;
  throw new Error(`There is no embedded database in ${resolve(dataDir)}: is DATA_DIR right?`);
}

async function writeBackup(options: {
  url: string;
  dataDir: string;
  to: string;
  keyNames: readonly string[];
}): Promise<BackupTaken> {
  const { url, dataDir, keyNames } = options;
  const to = resolve(options.to);
  if (mkdirSync(to, { recursive: true, mode: 0o700 }) !== undefined) await giveToOwner(to, dataDir);
  const { bytes, postgres } = await measure(url);
  await requireRoom(to, bytes, "backup");
  const takenAt = new Date().toISOString();
  const { folder, partial, letSignalsBe } = await makePartial(to, takenAt, dataDir);
  try {
    const about: About = { format: 1, takenAt, postgres, keyNames };
    await writeSafely(join(partial, aboutFile), `${JSON.stringify(about, null, 2)}\n`);
    await writeSafely(join(partial, passwordFile), await readFile(join(dataDir, passwordFile)));
    await writeBaseBackup(url, partial);
    const report = await readBaseBackup(partial);
    await rename(partial, folder);
    return { folder, ...report };
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw inWords(error, to);
  } finally {
    letSignalsBe();
  }
}

/** A folder of this backup's own, also when others were begun in the same second; `folder` is its name when it is whole. */
async function makePartial(
  to: string,
  takenAt: string,
  dataDir: string,
): Promise<{ folder: string; partial: string; letSignalsBe: () => void }> {
  const name = join(to, `tocsin-${takenAt.slice(0, 19).replaceAll(":", "-")}Z`);
  for (let number = 1; ; number += 1) {
    const folder = number === 1 ? name : `${name}-${number}`;
    const partial = `${folder}.partial`;
    const isTaken = (await stat(folder).catch(unlessMissing)) !== undefined;
    if (isTaken || mkdirSync(partial, { recursive: true, mode: 0o700 }) === undefined) continue;
    // At once: between the folder and this no signal may come in.
    const letSignalsBe = removeAtSignal(partial);
    await giveToOwner(partial, dataDir);
    return { folder, partial, letSignalsBe };
  }
}

/** Ctrl-C leaves nothing half written. What this returns ends that. */
function removeAtSignal(partial: string): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const remove = (signal: NodeJS.Signals): void => {
    letBe();
    rmSync(partial, { recursive: true, force: true });
    process.kill(process.pid, signal);
  };
  const letBe = (): void => {
    for (const signal of signals) process.off(signal, remove);
  };
  for (const signal of signals) process.once(signal, remove);
  return letBe;
}

/** The data folder's owner enters what root has made, and nobody else. */
async function giveToOwner(path: string, dataDir: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(dataDir);
  await chown(path, uid, gid);
}

async function writeSafely(path: string, content: string | Buffer): Promise<void> {
  await writeFile(path, content, { mode: 0o600, flag: "wx", flush: true });
}

/** Upper bound of what a backup takes: it is compressed, but nobody knows beforehand how well. */
async function measure(url: string): Promise<{ bytes: number; postgres: string }> {
  const database = openDatabase(url, { connectionsMax: 1, name: "tocsin backup" });
  try {
    const { rows } = await database.pool.query<{ bytes: string; version: string }>(
      `select (select sum(pg_database_size(oid)) from pg_database)::text as bytes,
              current_setting('server_version_num') as version`,
    );
    const { bytes = "0", version = "0" } = rows[0] ?? {};
    return { bytes: Number(bytes), postgres: String(Math.floor(Number(version) / 10_000)) };
  } finally {
    await database.close();
  }
}

function inWords(error: unknown, to: string): unknown {
  const isFull = error instanceof Error && "code" in error && error.code === "ENOSPC";
  return isFull
    ? new Error(`There was no space left in ${to}, so this backup was not kept.`, {
        cause: error,
      })
    : error;
}

/**
 * Puts a backup in the place of the embedded database, while no product runs over it, and starts it to see that it does.
 * Its schema stays as it was: the next start brings it to the newest. The caller stops the database.
 * @param keyNames names of the encryption keys at hand; null: the person knows that what is sealed stays closed.
 * @throws DataDirTaken while the product runs; Error in words for a backup that cannot be restored here.
 */
export async function restoreBackup<T>(
  { from, keyNames, ...options }: RestoreOptions,
  look: (restored: RestoredCluster, about: About) => Promise<T>,
): Promise<T> {
  const folder = resolve(from);
  const about = await readAbout(folder);
  const lock = await lockDataDir(options.dataDir);
  try {
    await requireReadable(about, keyNames);
    const restored = await restoreCluster(folder, options);
    try {
      return await look(restored, about);
    } finally {
      await restored.database.stop();
    }
  } finally {
    await lock.release();
  }
}

export type RestoreOptions = EmbeddedDatabaseOptions & {
  from: string;
  keyNames: readonly string[] | null;
};

/**
 * Reads a backup from its first byte to its last and compares it with what it should be.
 * @throws Error in words for what is no backup, or a damaged one.
 */
export async function checkBackup(from: string): Promise<BackupReport> {
  const folder = resolve(from);
  await readAbout(folder);
  await readBackupPassword(folder);
  return readBaseBackup(folder);
}

async function readAbout(folder: string): Promise<About> {
  const text = await readFile(join(folder, aboutFile), "utf8").catch(toMissing(folder));
  if (text === undefined) {
    throw new Error(
      `${folder} is not a backup: it has no ${aboutFile}. Give a folder that npm run backup created.`,
    );
  }
  const about = parse(text);
  if (typeof about?.postgres !== "string" || !Array.isArray(about.keyNames)) {
    throw damaged(`${aboutFile} was changed or cut short`);
  }
  return about as About;
}

function parse(text: string): Partial<About> | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** For `catch`: undefined where something is missing. @throws Error in words where this user may not look. */
function toMissing(folder: string): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (error.code !== "EACCES") return undefined;
    throw new Error(
      `This user may not read ${error.path ?? folder}: run it as the user who runs Tocsin, or as root.`,
      { cause: error },
    );
  };
}

async function requireReadable(about: About, keyNames: readonly string[] | null): Promise<void> {
  if (about.postgres !== postgresMajor) {
    throw new Error(
      `The backup was taken from PostgreSQL ${about.postgres}, but this version of Tocsin has ${postgresMajor}: restore it with the version of Tocsin that took it.`,
    );
  }
  const fits = keyNames === null || about.keyNames.some((name) => keyNames.includes(name));
  if (fits) return;
  throw new Error(
    `The secrets in the backup are encrypted with the ENCRYPTION_KEY named ${about.keyNames.join(" or ")}, which was not found: put ` +
      "secrets.json of that installation into DATA_DIR, or set ENCRYPTION_KEY and AUTH_SECRET. Without it, channel secrets are lost; " +
      "to restore anyway, add --without-key.",
  );
}
