// Races that are run and not hoped for: what is asked for waits behind a transaction, which changes what it was asked on.
import { setTimeout as pause } from "node:timers/promises";
import type { PoolClient } from "pg";
import type { Database } from "#lib/db.ts";

const deadlineMs = 20_000;

/**
 * Begins `work` while another transaction has done `meanwhile` and is not over; ends that once the work waits for it, or
 * has ended without; `waiters`: in so many connections. Returns what the work came to: "done", or the code of the refusal.
 */
export async function raceHeld(
  database: Pick<Database, "pool">,
  meanwhile: (client: PoolClient) => Promise<unknown>,
  work: () => Promise<unknown>,
  waiters = 1,
): Promise<string> {
  const client = await database.pool.connect();
  try {
    await client.query("begin");
    await meanwhile(client);
    let outcome: string | undefined;
    const run = work().then(
      () => {
        outcome = "done";
      },
      (error: unknown) => {
        outcome = codeOf(error);
      },
    );
    await waitsFor(database, waiters, () => outcome !== undefined);
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

/** Whoever waits for one that waits counts, too. */
async function waitsFor(
  { pool }: Pick<Database, "pool">,
  waiters: number,
  hasEnded: () => boolean,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!hasEnded()) {
    const { rowCount } = await pool.query(
      `select from pg_stat_activity
        where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`,
    );
    if ((rowCount ?? 0) >= waiters) return;
    if (Date.now() > end) throw new Error("What was begun neither waits nor ends.");
    await pause(5);
  }
}
