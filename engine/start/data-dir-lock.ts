import { mkdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { lockFile } from "#prisma/file-lock.ts";

export type DataDirLock = { release: () => Promise<void> };

/** File in the data folder that tells the command-line tools where the running embedded database is. */
export const runtimeFile = "runtime.json";

/** Another start of the product, or a command, works over the data folder. */
export class DataDirTaken extends Error {
  override name = "DataDirTaken";
}

/** For people; the kernel alone knows whether the folder is held. */
type Holder = { pid: number; host: string; since: string };

/**
 * Takes the data folder for this process until it releases it or ends, however it ends; also against another container
 * on the same volume (see file-lock.ts for what it does not protect from). The file stays, as its lock is what counts.
 * @throws DataDirTaken when another start of the product holds it.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, "tocsin.lock");
  const lock = await lockFile(path);
  if (lock === null) throw new DataDirTaken(await describeRefusal(dataDir, path));
  // A run that was killed left it behind.
  await rm(join(dataDir, runtimeFile), { force: true });
  const me: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  await lock.describe(JSON.stringify(me));
  return {
    release: async () => {
      await lock.describe("");
      await lock.close();
    },
  };
}

async function describeRefusal(dataDir: string, path: string): Promise<string> {
  const who = describeHolder(await readFile(path, "utf8").catch(() => ""));
  return `Tocsin is already running on ${dataDir}${who}: stop it first, or set DATA_DIR to another folder.`;
}

/** Nothing where the holder has not written it yet. */
function describeHolder(text: string): string {
  try {
    const { pid, host, since }: Holder = JSON.parse(text);
    return ` (process ${pid} on ${host}, since ${since})`;
  } catch {
    return "";
  }
}
