import { readdir, readFile } from "node:fs/promises";
import type { Pool } from "pg";

/** Fields of proc(5)'s stat after the command, from the state on. */
async function statOf(pid: string): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** The kernel's clock ticks of 10 ms. */
const tickMs = 10;

/**
 * Processor time in milliseconds that the PostgreSQL server behind `pool` has used so far, with all its processes; null
 * where the system does not tell (it is no Linux, or the server runs elsewhere).
 */
export async function databaseCpuMs(pool: Pool): Promise<number | null> {
  const { rows } = await pool.query<{ pid: number }>("select pg_backend_pid() as pid");
  const postmaster = (await statOf(String(rows[0]?.pid)))[1];
  if (postmaster === undefined) return null;
  let ticks = 0;
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const stat = await statOf(pid);
    if (pid !== postmaster && stat[1] !== postmaster) continue;
    // utime, stime, and for the postmaster those of the children that have ended.
    const fields = pid === postmaster ? [11, 12, 13, 14] : [11, 12];
    for (const field of fields) ticks += Number(stat[field] ?? 0);
  }
  return ticks * tickMs;
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
