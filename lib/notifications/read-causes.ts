import type { PoolClient } from "pg";
import { isLikelyCause, type LikelyCause } from "#lib/causes/schema.ts";
import type { SettledNotification } from "./schema.ts";

/** Of a long outage the newest errors tell. */
const errorsMax = 500;

type Told = Pick<
  SettledNotification,
  "id" | "channelId" | "detectedAt" | "closedAt" | "reason" | "detail"
>;

/**
 * The likely cause of most errors in the stretch of each notification, by its id, among those with the reason and detail
 * that its mail names; absent where none is kept, as for channels whose errors are not counted. Primary key of webhook_errors.
 */
export async function readCauses(
  client: PoolClient,
  notifications: readonly Told[],
): Promise<Map<string, LikelyCause>> {
  if (notifications.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; cause: string }>(
    `select n.id, found.likely_cause as cause
       from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::error_reason[], $6::text[])
            as n (id, channel_id, detected_at, closed_at, reason, detail)
      cross join lateral (
        select likely_cause
          from (select likely_cause from webhook_errors w
                 where w.channel_id = n.channel_id and w.occurred_at >= n.detected_at and w.occurred_at < n.closed_at
                   and w.reason = n.reason and w.detail = n.detail
                 order by w.occurred_at desc limit $7) newest
         where likely_cause is not null
         group by 1 order by count(*) desc, 1 limit 1
      ) found`,
    [
      notifications.map(({ id }) => id),
      notifications.map(({ channelId }) => channelId),
      notifications.map(({ detectedAt }) => detectedAt),
      notifications.map(({ closedAt }) => closedAt),
      notifications.map(({ reason }) => reason),
      notifications.map(({ detail }) => detail),
      errorsMax,
    ],
  );
  return new Map(
    rows.flatMap(({ id, cause }) => (isLikelyCause(cause) ? [[id, cause] as const] : [])),
  );
}
