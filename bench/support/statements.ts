import type { Pool } from "pg";

/** What PostgreSQL has to be started with. */
export const statementSettings = [
  "shared_preload_libraries=pg_stat_statements",
  // Also what functions and procedures do inside.
  "pg_stat_statements.track=all",
] as const;

export type StatementTime = {
  /** The first words, on one line. */
  text: string;
  /** Called by a client; otherwise inside a function, whose time has it too. */
  isTopLevel: boolean;
  calls: number;
  rows: number;
  ms: number;
  walBytes: number;
};

/** From now on statements are timed anew. */
export async function beginStatements(pool: Pool): Promise<void> {
  await pool.query("create extension if not exists pg_stat_statements");
  await pool.query("select pg_stat_statements_reset()");
}

/**
 * Statements since then, the dearest first. By the clock, without parsing, the network and
 * commits, except those inside a procedure.
 */
export async function readStatements(pool: Pool): Promise<StatementTime[]> {
  const { rows } = await pool.query<StatementTime>(
    `select left(regexp_replace(query, '\\s+', ' ', 'g'), 110) as text, toplevel as "isTopLevel", calls::int, rows::int,
            total_exec_time as ms, wal_bytes::float8 as "walBytes"
       from pg_stat_statements
      where query !~ 'pg_stat_statements'
      order by total_exec_time desc`,
  );
  return rows;
}
