import type { Pool } from "pg";
import { recoverySql } from "./recovery-sql.ts";

/** An attempt ends within 9 s of its start and is recorded some seconds later; a database that is away delays it more. */
const settleAfterMs = 60_000;
const rowsMax = 500;
/** The newest webhooks of a channel in which an overlapping delivery is looked for. */
const logMax = 1_000;

/**
 * Looks once, a minute after an outage began, whether a delivery that started after its first failure was recorded
 * before that failure was: then there was nothing to clear yet, and to look for such at every delivery would cost the
 * happy path. Until then nobody is warned. Index: endpoint_health (failing_since), then the primary key of webhooks, at
 * most 1,000 rows a channel. What another worker has in hand is skipped.
 */
export async function settleBeginnings(pool: Pool, now: Date | undefined): Promise<void> {
  await pool.query(
    `with beginning as materialized (
       select channel_id, failing_since from endpoint_health
        where failing_since <= coalesce($1::timestamptz, now()) - interval '${settleAfterMs} ms' and not is_settled
        order by channel_id limit ${rowsMax} for update skip locked
     ),
     d as materialized (
       select b.channel_id, b.failing_since,
              (select max(w.started_at)
                 from (select state, started_at from webhooks
                        where channel_id = b.channel_id and accepted_at > b.failing_since - interval '1 hour'
                        order by accepted_at desc limit ${logMax}) w
                where w.state = 'delivered' and w.started_at > b.failing_since) as delivered_at
         from beginning b
     ),
     recovered as (
       update endpoint_health h ${recoverySql} from d where h.channel_id = d.channel_id and d.delivered_at is not null
     )
     update endpoint_health h set is_settled = true from d where h.channel_id = d.channel_id and d.delivered_at is null`,
    [now ?? null],
  );
}
