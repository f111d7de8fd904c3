import type { Pool } from "pg";
import type { ClosingOptions } from "./schema.ts";
import { quietAfterOutageMs } from "./settle-wait.ts";

/**
 * Leaves a notification for every bot server that has been taking webhooks again for as long as a window is: by then the
 * mails about its last failures are written, and a server that fails again at once is not called recovered. Each recovery
 * is looked at once, under a lock on its row. Index: endpoint_health (recovered_at).
 */
export async function noteRecoveries(
  pool: Pool,
  { policy, now }: Pick<ClosingOptions, "policy" | "now">,
): Promise<void> {
  await pool.query(
    `with due as (
       select channel_id from endpoint_health
        where recovered_at <= coalesce($1::timestamptz, now()) - $2::float8 * interval '1 ms'
          and recovered_at > coalesce($1::timestamptz, now()) - interval '1 day'
          and recovered_at is distinct from recovery_told_at and failing_since is null
        limit 500 for update skip locked
     ), noted as (
       update endpoint_health h set recovery_told_at = h.recovered_at
         from due where h.channel_id = due.channel_id returning h.*
     )
     insert into notifications (id, channel_id, type, key, detected_at, closed_at, reason, detail, error_count)
     select gen_random_uuid(), channel_id, 'recovered', 'recovered', recovered_since, recovered_at, reason, detail,
            recovered_count
       from noted`,
    [now ?? null, quietAfterOutageMs(policy)],
  );
}
