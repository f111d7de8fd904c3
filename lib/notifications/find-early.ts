import type { Pool } from "pg";
import { ceaseFailuresMin } from "#lib/endpoint-health/ceased.ts";
import type { NotificationPolicy, SettledNotification } from "./schema.ts";

type Asked = { policy: NotificationPolicy; now: Date };

/** Of a channel to which deliveries may have ceased, and of which it was not decided yet: since when, and its newest failure. */
type Failing = { since: Date; lastFailureAt: Date };

/** By channel. Index: the primary key of endpoint_health. */
export async function readFailing(
  client: Pick<Pool, "query">,
  channelIds: readonly string[],
  { policy: { earlyMs, windowMs }, now }: Asked,
): Promise<Map<string, Failing>> {
  if (earlyMs === 0) return new Map();
  const { rows } = await client.query<Failing & { channelId: string }>(
    `select channel_id as "channelId", failing_since as since, last_failure_at as "lastFailureAt" from endpoint_health
      where channel_id = any($1) and not is_looked_at and failed_count >= ${ceaseFailuresMin} and failing_since > $2`,
    [channelIds, new Date(now.getTime() - windowMs)],
  );
  return new Map(rows.map(({ channelId, ...failing }) => [channelId, failing]));
}

/**
 * Of the open windows of a channel, oldest first, the one that is closed early if errors go on, as it will then be; null: none is. Whether
 * people would be told for the first time, as `closeEarly` asks, is left to the caller.
 */
export function findEarly(
  open: readonly SettledNotification[],
  failing: Failing | undefined,
  { policy: { earlyMs }, now }: Asked,
): SettledNotification | null {
  if (failing === undefined) return null;
  const { since, lastFailureAt } = failing;
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
