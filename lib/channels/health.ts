import type { Db } from "#lib/db.ts";
import { isShownSql } from "#lib/endpoint-health/shown.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { ChannelHealth, ChannelState } from "./schema.ts";

type Counted = {
  id: string;
  useWebhook: boolean;
  errorCount: number;
  isFailingNow: boolean;
  shownSince: Date | null;
  isSuspended: boolean;
  wasSent: boolean;
};

/**
 * How deliveries of these channels stand, by channel id; the one rule for every place that shows it (docs/decisions/0028). Counts
 * come from at most 24 hour rows and 4 reasons a channel (primary key of error_hours): the cost follows the number of channels,
 * not of errors. Whole clock hours, so the count covers 23 to 24 h. Errors are counted only while aggregation is on; what is known
 * of the bot server is known always (primary key of endpoint_health). The log is asked only for channels of which nothing else
 * is known (primary key of delivered_hours, then the index of webhooks on channel_id).
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
                        and h.hour >= date_trunc('hour', now(), 'UTC') - interval '23 hours'), 0)::int as "errorCount",
           e.failing_since is not null as "isFailingNow", case when ${Prisma.raw(isShownSql("e"))} then e.shown_since end as "shownSince",
           e.suspended_at is not null as "isSuspended",
           case when e.channel_id is not null then true
                when exists (select from delivered_hours d where d.channel_id = c.id) then true
                else exists (select from webhooks w where w.channel_id = c.id and w.attempts > 0) end as "wasSent"
      from channels c left join endpoint_health e on e.channel_id = c.id
     where c.id = any(${[...channelIds]})`;
  return new Map(
    rows.map((row) => {
      const state = stateOf(row);
      const failingSince = state === "failing" ? row.shownSince : null;
      return [row.id, { state, failingSince, errorCount: row.errorCount }];
    }),
  );
}

function stateOf(row: Counted): ChannelState {
  if (!row.useWebhook) return "webhook_off";
  if (row.isSuspended) return "suspended";
  if (row.shownSince !== null) return "failing";
  if (row.errorCount > 0 || row.isFailingNow) return "some_errors";
  return row.wasSent ? "healthy" : "no_events";
}
