import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

export type DataDirLock = { release: () => Promise<void> };

type Holder = { pid: number; startedAt: string };

/**
 * Takes the data folder for this process. A lock left by a process that has died is taken over, also when its number
 * belongs to another process by now.
 * @throws Error when another start of the product holds it.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, "tocsin.lock");
  const me: Holder = { pid: process.pid, startedAt: await startOf(process.pid) };
  for (let tries = 0; tries < 5; tries += 1) {
    try {
      const file = await open(path, "wx", 0o600);
      await file.writeFile(JSON.stringify(me));
      await file.close();
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      const holder = await readHolder(path);
      if (holder !== undefined && (await isRunning(holder))) {
        throw new Error(
          `Tocsin already runs over ${dataDir} (process ${holder.pid}): stop it first, or set DATA_DIR to another folder.`,
        );
      }
      await rm(path, { force: true });
    }
  }
  throw new Error(
    `The lock ${path} changes all the time: is something else starting Tocsin over this folder?`,
  );
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    // Empty or half written: its writer died in between, or is about to finish; the next try tells.
    return undefined;
  }
}

async function isRunning(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return holder.startedAt === "" || (await startOf(holder.pid)) === holder.startedAt;
}

/** When a process started, in the kernel's ticks; empty where the kernel does not say. Field 22 of proc(5)'s stat. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
