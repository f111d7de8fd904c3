import type { Pool } from "pg";
import { inTransaction } from "#lib/db.ts";

const batchRows = 5_000;

/**
 * Lets entries go that are older than the retention: the one way out of the audit log. The database refuses it for the last
 * 30 days whatever the retention. Returns how many went.
 */
export async function forgetOldAudit(pool: Pool, retentionDays: number): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await inTransaction(pool, async (client) => {
      await client.query("set local tocsin.forget_audit = 'on'");
      const { rowCount } = await client.query(
        `delete from audit_entries where id in (
           select id from audit_entries where at < now() - make_interval(days => $1) order by at limit $2)`,
        [retentionDays, batchRows],
      );
      return rowCount ?? 0;
    });
    total += count;
    if (count < batchRows) return total;
  }
}
