import type { Db } from "#lib/db.ts";
import type { ChannelHealth, ChannelState } from "./schema.ts";

type Counted = {
  id: string;
  useWebhook: boolean;
  errorCount: number;
  isFailing: boolean;
  isSuspended: boolean;
};

/**
 * How deliveries of these channels stand, by channel id. Counts come from at most 24 hour rows and 4 reasons a channel
 * (primary key of error_hours): the cost follows the number of channels, not of errors. Whole clock hours, so the count
 * covers 23 to 24 h. Errors are counted only while aggregation is on; whether the last attempt failed is known always
 * (primary key of endpoint_health).
 */
export async function countHealth(
  db: Db,
  channelIds: readonly string[],
): Promise<Map<string, ChannelHealth>> {
  if (channelIds.length === 0) return new Map();
  const rows = await db.$queryRaw<Counted[]>`
    select c.id, c.use_webhook as "useWebhook",
           coalesce((select sum(h.error_count) from error_hours h
                      where h.channel_id = c.id
                        and h.hour >= date_trunc('hour', now()) - interval '23 hours'), 0)::int as "errorCount",
           e.failing_since is not null as "isFailing", e.suspended_at is not null as "isSuspended"
      from channels c left join endpoint_health e on e.channel_id = c.id
     where c.id = any(${[...channelIds]})`;
  return new Map(rows.map((row) => [row.id, { state: stateOf(row), errorCount: row.errorCount }]));
}

function stateOf(row: Counted): ChannelState {
  if (!row.useWebhook) return "webhook_off";
  if (row.isSuspended) return "suspended";
  if (row.isFailing) return "failing";
  return row.errorCount > 0 ? "some_errors" : "healthy";
}
