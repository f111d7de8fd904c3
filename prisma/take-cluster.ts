import { readdir, readFile, realpath, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type FileLock, lockFile } from "./file-lock.ts";

/** What is left of a killed server gets so long to end by itself, as it does at its next look. */
const graceMs = 2_000;

/**
 * Takes the cluster for one server: its processes inherit the lock, so it is free only when the last of them has ended,
 * wherever they run. What an earlier run left behind here is stopped first: a server in order, and what a killed server's
 * connections still work on at once. Then a pid file that is still there belongs to nobody.
 * @throws Error when something still works over the cluster after `patienceMs`: not here, perhaps in another container;
 *   the reason of `signal`.
 */
export async function takeCluster(
  clusterDir: string,
  patienceMs: number,
  signal?: AbortSignal,
): Promise<FileLock> {
  const cluster = await realpath(clusterDir);
  const begun = performance.now();
  const asked = new Set<number>();
  for (;;) {
    const waitedMs = performance.now() - begun;
    const found = await findProcesses(cluster);
    // A server that was started by hand holds no lock.
    if (found.length === 0) {
      const lock = await lockFile(`${cluster}.lock`);
      if (lock !== null) {
        await rm(join(cluster, "postmaster.pid"), { force: true });
        return lock;
      }
    }
    const leftovers = found.length > 0 ? found : await readPidFile(cluster);
    stopLeftovers(leftovers, { asked, waitedMs, patienceMs });
    signal?.throwIfAborted();
    if (waitedMs > patienceMs) throw new Error(await describe(cluster, leftovers));
    await pause(50);
  }
}

type Process = { pid: number; isServer: boolean };

/** Processes of a PostgreSQL whose working folder is this one, told by the folder itself: paths mean other things in containers. */
async function findProcesses(cluster: string): Promise<Process[]> {
  const folder = await stat(cluster);
  const names = await readdir("/proc").catch(() => []);
  const found = await Promise.all(
    names.map(async (name): Promise<Process[]> => {
      if (!/^\d+$/.test(name)) return [];
      // Of others' processes, and of those that have just ended, nothing can be read.
      const worksIn = await stat(`/proc/${name}/cwd`).catch(() => undefined);
      if (worksIn === undefined || worksIn.ino !== folder.ino || worksIn.dev !== folder.dev) {
        return [];
      }
      const command = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
      if (!command.includes("postgres")) return [];
      return [{ pid: Number(name), isServer: command.includes("\0-D\0") }];
    }),
  );
  return found.flat();
}

/** While the lock is held, where the kernel shows no processes as files (macOS): the server that the pid file names. */
async function readPidFile(cluster: string): Promise<Process[]> {
  if ((await stat("/proc/self").catch(() => undefined)) !== undefined) return [];
  const text = await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  return pid > 1 ? [{ pid, isServer: true }] : [];
}

function stopLeftovers(
  leftovers: readonly Process[],
  { asked, waitedMs, patienceMs }: { asked: Set<number>; waitedMs: number; patienceMs: number },
): void {
  const server = leftovers.find((one) => one.isServer);
  if (server !== undefined) {
    // Once: a second signal would not make it faster. Its connections end with it.
    if (!asked.has(server.pid)) send(server.pid, "SIGINT");
    asked.add(server.pid);
    return;
  }
  if (waitedMs < Math.min(graceMs, patienceMs / 4)) return;
  for (const { pid } of leftovers) send(pid, waitedMs > patienceMs / 2 ? "SIGKILL" : "SIGQUIT");
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in between, or belongs to somebody else: the lock tells.
  }
}

async function describe(cluster: string, leftovers: readonly Process[]): Promise<string> {
  const where =
    leftovers.length === 0
      ? "not among the processes here, so perhaps in another container with the same volume"
      : `process ${leftovers.map(({ pid }) => pid).join(", ")}`;
  return `A PostgreSQL server is still using ${cluster} (${where}): stop it, then start again, or set DATA_DIR to another folder.`;
}
