import { chown, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export const passwordFile = "postgres-password";
const noteFile = "restore-begun.json";

/** A restored cluster takes the place of the one before; written down first, so that it can be undone after a kill. */
export type PlaceChange = {
  clusterDir: string;
  /** Where the restored cluster was laid out. */
  fresh: string;
  /** Where the cluster of before goes; null: there was none. */
  before: string | null;
  /** What `dataDir/postgres-password` said before; null: there was none. */
  password: string | null;
};

/** On disk when it resolves. */
export async function noteChange(dataDir: string, change: PlaceChange): Promise<void> {
  await writeOwn(dataDir, noteFile, JSON.stringify(change));
}

/** From here on the change stands. */
export async function forgetChange(dataDir: string): Promise<void> {
  await rm(join(dataDir, noteFile), { force: true });
}

/**
 * Puts back what was there before a restore that was killed while the clusters changed places. Nothing where none was. The
 * caller holds the lock of the data folder, and no PostgreSQL runs over it.
 */
export async function undoBrokenRestore(dataDir: string): Promise<void> {
  const text = await readFile(join(dataDir, noteFile), "utf8").catch(unlessMissing);
  if (text !== undefined) await undoChange(dataDir, JSON.parse(text));
}

/** Each step can be done again: a kill here leaves the note, and the next start goes on. */
export async function undoChange(dataDir: string, change: PlaceChange): Promise<void> {
  const { clusterDir, fresh, before, password } = change;
  // As long as the one of before is at its own place there is nothing to put back.
  if (before === null || (await exists(before))) {
    await rm(fresh, { recursive: true, force: true });
    if (await exists(clusterDir)) await rename(clusterDir, fresh);
    if (before !== null) await rename(before, clusterDir);
  }
  if (password === null) await rm(join(dataDir, passwordFile), { force: true });
  else await writeOwn(dataDir, passwordFile, password);
  await rm(fresh, { recursive: true, force: true });
  await forgetChange(dataDir);
}

/** Replaces a file in one step; on disk when it resolves. It is the folder's owner's, also when root runs this. */
export async function writeOwn(dataDir: string, name: string, text: string): Promise<void> {
  const path = join(dataDir, name);
  await writeFile(`${path}.new`, text, { mode: 0o600, flush: true });
  if (process.getuid?.() === 0) {
    const { uid, gid } = await stat(dataDir);
    await chown(`${path}.new`, uid, gid);
  }
  await rename(`${path}.new`, path);
  const folder = await open(dirname(path));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** For `catch`: undefined where there is no such file. */
export function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
