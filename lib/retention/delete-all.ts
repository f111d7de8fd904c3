import type { Pool } from "pg";

/** At once, so that nobody waits long. */
const batchRows = 5_000;

/**
 * Deletes the rows of a table that `where` names, some in each statement: however many they are after days without
 * housekeeping, what has gone stays gone. `days` is its $1. Both texts stand in the product's source.
 */
export async function deleteAll(
  pool: Pool,
  table: string,
  where: string,
  days?: number,
): Promise<void> {
  for (let more = true; more; ) {
    const { rowCount } = await pool.query(
      `delete from ${table} where ctid = any(array(select ctid from ${table} where ${where} limit ${batchRows}))`,
      days === undefined ? [] : [days],
    );
    more = rowCount === batchRows;
  }
}
