import { readdir, readFile } from "node:fs/promises";
import type { Pool } from "pg";

/** The kernel's clock ticks of 10 ms. */
const tickMs = 10;

/** Fields of proc(5)'s stat after the command, from the state on; none of a process that is not (or of a system without /proc). */
async function statOf(pid: string): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** Of each process of this machine, by its id. */
async function allStats(): Promise<Map<string, string[]>> {
  const names = await readdir("/proc").catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map(statOf));
  return new Map(pids.map((pid, index) => [pid, stats[index] ?? []]));
}

/**
 * Milliseconds that the threads of a process have run, to the nanosecond where the kernel keeps that: ticks alone would be a
 * twentieth off for a server of a dozen processes that work for a quarter of a second.
 */
async function runMs(pid: string, stat: readonly string[]): Promise<number> {
  const ticks = Number(stat[11] ?? 0) + Number(stat[12] ?? 0);
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const times = await Promise.all(
    threads.map((thread) =>
      readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8").catch(() => ""),
    ),
  );
  if (times.length === 0 || times.includes("")) return ticks * tickMs;
  return times.reduce((sum, text) => sum + Number(text.split(" ")[0]), 0) / 1e6;
}

/** Of children that have ended. */
const endedMs = (stat: readonly string[]): number =>
  (Number(stat[13] ?? 0) + Number(stat[14] ?? 0)) * tickMs;

/**
 * Processor time in milliseconds that a process and all that descend from it have used so far; null where the system does not
 * tell (it is no Linux).
 */
export async function treeCpuMs(root: number): Promise<number | null> {
  const stats = await allStats();
  if (!stats.has(String(root))) return null;
  let total = 0;
  const left = [String(root)];
  for (let pid = left.pop(); pid !== undefined; pid = left.pop()) {
    const stat = stats.get(pid) ?? [];
    total += (await runMs(pid, stat)) + endedMs(stat);
    for (const [child, { 1: parent }] of stats) if (parent === pid) left.push(child);
  }
  return total;
}

/**
 * Processor time in milliseconds that the PostgreSQL server behind `pool` has used so far, with all its processes; null
 * where the system does not tell (it is no Linux, or the server runs elsewhere).
 */
export async function databaseCpuMs(pool: Pool): Promise<number | null> {
  const { rows } = await pool.query<{ pid: number }>("select pg_backend_pid() as pid");
  const postmaster = (await statOf(String(rows[0]?.pid)))[1];
  return postmaster === undefined ? null : treeCpuMs(Number(postmaster));
}

/** The same of those processes that live, by what PostgreSQL calls them: client backend, walwriter, checkpointer, … */
export async function databaseCpuByTypeMs(pool: Pool): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ pid: number; type: string }>(
    "select pid, backend_type as type from pg_stat_activity",
  );
  const times = new Map<string, number>();
  for (const { pid, type } of rows) {
    const ms = await runMs(String(pid), await statOf(String(pid)));
    times.set(type, (times.get(type) ?? 0) + ms);
  }
  return times;
}

/** Processor time in milliseconds that a process has used so far, with all its threads. @throws Error where the system does not tell */
export async function processCpuMs(pid: number): Promise<number> {
  const fields = await statOf(String(pid));
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (Number.isNaN(ticks)) throw new Error(`The processor time of process ${pid} cannot be read.`);
  return ticks * tickMs;
}

/** What a process has in memory, in MB. @throws Error where the system does not tell */
export async function processRssMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, "utf8");
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kib === undefined) throw new Error(`The memory of process ${pid} cannot be read.`);
  return Number(kib) / 1_024;
}

/** Processor time in milliseconds of this process so far, with its garbage collector. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
