import type { Pool } from "pg";

/** So many rows of a table at most per call: what is left goes the next time. */
const rowsMax = 20_000;

/**
 * Deletes the hours of Statistics that retention ends, as long as their minutes. They are too few to be partitioned; a
 * BRIN index on the hour finds the old ones.
 */
export async function forgetOldHours(pool: Pool, retentionDays: number): Promise<void> {
  for (const table of ["error_hours", "delivered_hours", "answered_error_hours"]) {
    await pool.query(
      `delete from ${table} where ctid = any(array(
         select ctid from ${table} where hour < now() - make_interval(days => $1) limit $2))`,
      [retentionDays, rowsMax],
    );
  }
}
