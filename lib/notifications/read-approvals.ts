import type { Pool, PoolClient } from "pg";
import type { NotificationPolicy } from "./schema.ts";

/** Since when channels have the function; those without it are absent. Index: notification_grants (holds_channel). */
export async function readApprovals(
  client: Pick<Pool | PoolClient, "query">,
  channelIds: readonly string[],
  policy: NotificationPolicy,
): Promise<Map<string, Date>> {
  if (policy.access === "open") return new Map(channelIds.map((id) => [id, new Date(0)]));
  const { rows } = await client.query<{ id: string; at: Date }>(
    `select holds_channel as id, decided_at as at from notification_grants
      where holds_channel = any($1) and state = 'approved'`,
    [channelIds],
  );
  return new Map(rows.map(({ id, at }) => [id, at]));
}
