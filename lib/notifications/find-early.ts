import type { Pool } from "pg";
import { ceaseFailuresMin } from "#lib/endpoint-health/ceased.ts";
import type { NotificationPolicy, SettledNotification } from "./schema.ts";

type Asked = { channelId: string; policy: NotificationPolicy; now: Date };

/**
 * Of the open windows of a channel, oldest first, the one that is closed early if errors go on, as it will then be; null: none is. Whether
 * people would be told for the first time, as `closeEarly` asks, is left to the caller. Index: the primary key of endpoint_health.
 */
export async function findEarly(
  client: Pick<Pool, "query">,
  { channelId, policy, now }: Asked,
  open: readonly SettledNotification[],
): Promise<SettledNotification | null> {
  const { earlyMs, windowMs } = policy;
  if (earlyMs === 0 || open.length === 0) return null;
  const { rows } = await client.query<{ since: Date; lastFailureAt: Date }>(
    `select failing_since as since, last_failure_at as "lastFailureAt" from endpoint_health
      where channel_id = $1 and not is_looked_at and failed_count >= ${ceaseFailuresMin} and failing_since > $2`,
    [channelId, new Date(now.getTime() - windowMs)],
  );
  const [health] = rows;
  if (health === undefined) return null;
  const { since, lastFailureAt } = health;
  const dueAt = new Date(since.getTime() + earlyMs);
  const hasStopped = lastFailureAt.getTime() < since.getTime() + earlyMs / 2;
  if (dueAt <= now && hasStopped) return null;
  const closedAt = dueAt > now ? dueAt : now;
  const [newest] = open
    .filter(({ type, lastAt }) => type === "error_detected" && lastAt !== null && lastAt >= since)
    .filter((one) => !one.earlySince && one.closedAt > closedAt)
    .toSorted((a, b) => (b.lastAt?.getTime() ?? 0) - (a.lastAt?.getTime() ?? 0));
  return newest === undefined ? null : { ...newest, closedAt, earlySince: since };
}
