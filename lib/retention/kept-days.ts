import type { Pool } from "pg";

/**
 * The UTC days whose single errors are kept whole, oldest first: those with a partition. A day before the first of them
 * was dropped by retention, or was before this installation.
 */
export async function listKeptDays(pool: Pool): Promise<Date[]> {
  const { rows } = await pool.query<{ day: string }>(
    `select substring(c.relname from '^webhook_errors_(\\d{8})$') as day
       from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'webhook_errors'::regclass and c.relname ~ '^webhook_errors_\\d{8}$'
      order by 1`,
  );
  return rows.map(
    ({ day }) => new Date(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`),
  );
}
