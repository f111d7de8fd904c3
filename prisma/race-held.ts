// Races that are run and not hoped for: what is asked for waits behind a transaction, which changes what it was asked on.
import { setTimeout as pause } from "node:timers/promises";
import type { PoolClient } from "pg";
import type { Database } from "#lib/db.ts";

const deadlineMs = 20_000;

/**
 * Begins `work` while another transaction has done `meanwhile` and is not over; ends that once the work waits for it, or
 * has ended without. Returns what the work came to: "done", or the code of the refusal.
 */
export async function raceHeld(
  database: Pick<Database, "pool">,
  meanwhile: (client: PoolClient) => Promise<unknown>,
  work: () => Promise<unknown>,
): Promise<string> {
  const client = await database.pool.connect();
  try {
    await client.query("begin");
    await meanwhile(client);
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    let outcome: string | undefined;
    const run = work().then(
      () => {
        outcome = "done";
      },
      (error: unknown) => {
        outcome = codeOf(error);
      },
    );
    await waitsFor(database, rows[0]?.pid ?? 0, () => outcome !== undefined);
    await client.query("commit");
    await run;
    return outcome ?? "";
  } finally {
    await client.query("rollback");
    client.release();
  }
}

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? `${error.code}` : `${error}`;

async function waitsFor(
  { pool }: Pick<Database, "pool">,
  pid: number,
  hasEnded: () => boolean,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!hasEnded()) {
    const { rowCount } = await pool.query(
      "select from pg_stat_activity where $1 = any(pg_blocking_pids(pid))",
      [pid],
    );
    if (rowCount !== 0) return;
    if (Date.now() > end) throw new Error("What was begun neither waits nor ends.");
    await pause(5);
  }
}
