import type { Pool } from "pg";
import { isHeldSql } from "./hold.ts";

/**
 * The newest telling of errors of one reason and detail: when it was decided, and how many addresses it was for; for `heldCount` more
 * it waits for quiet hours to end.
 */
export type ProblemTelling = { at: Date; addressCount: number; heldCount: number };

/** Notifications that are looked back at; in an outage most are held back. */
const notificationsMax = 1_000;

/**
 * When people were last told of each problem of a channel since `from`, by `reasonKey`; those of which nobody was are absent.
 * Indexes: notifications (channel_id, closed_at), the newest thousand of them; notices (notification_id, address_key).
 */
export async function readProblemTellings(
  client: Pick<Pool, "query">,
  channelId: string,
  from: Date,
): Promise<Map<string, ProblemTelling>> {
  const { rows } = await client.query<ProblemTelling & { key: string }>(
    `select newest.key, newest.settled_at as at,
            coalesce(told.count, 0) as "addressCount", coalesce(told.held, 0) as "heldCount"
       from (select distinct on (k.key) k.key, n.id, n.settled_at
               from (select id, closed_at, settled_at, untold, reason, detail, reasons from notifications
                      where channel_id = $1 and type = 'error_detected' and closed_at > $2
                      order by closed_at desc limit ${notificationsMax}) n
              cross join lateral jsonb_object_keys(
                case when n.reasons = '{}' then jsonb_build_object(n.reason || ' ' || n.detail, 1) else n.reasons end) k (key)
              where n.settled_at is not null and n.untold is null
              order by k.key, n.closed_at desc) newest
       left join lateral (
         select (count(*) filter (where not (${isHeldSql("w")})))::int as count,
                (count(*) filter (where ${isHeldSql("w")}))::int as held
           from notices w where w.notification_id = newest.id) told on true`,
    [channelId, from],
  );
  return new Map(rows.map(({ key, ...telling }) => [key, telling]));
}
