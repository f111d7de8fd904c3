import type { Pool } from "pg";

/** Runs it while a table is out of reach, so that whoever needs it meets a fault of the database. */
export async function withoutTable<T>(
  pool: Pool,
  table: "rate_limits",
  run: () => Promise<T>,
): Promise<T> {
  await pool.query(`alter table ${table} rename to ${table}_away`);
  try {
    return await run();
  } finally {
    await pool.query(`alter table ${table}_away rename to ${table}`);
  }
}
