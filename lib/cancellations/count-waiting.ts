import type { Db } from "#lib/db.ts";
import { cancelledCountMax } from "./schema.ts";

/**
 * How many webhooks `cancelWaiting` would cancel right now, at most `cancelledCountMax` + 1: what a worker has in hand is left to
 * it, and what was cancelled already counts no more. Index: webhook_queue (channel_id, lane, epoch, due_at, id).
 */
export async function countCancellable(
  db: Db,
  channelId: string,
  lanes: "redeliveries" | "all",
): Promise<number> {
  const isAll = lanes === "all";
  const limit = cancelledCountMax + 1;
  const [row] = await db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count
      from (select 1 from channels c cross join lateral (
              (select 1 from webhook_queue q
                where q.channel_id = c.id and q.lane = 1 and q.epoch = c.redelivery_epoch
                  and (q.lease is null or q.lease_until <= now()) limit ${limit}::int)
              union all
              (select 1 from webhook_queue q
                where ${isAll} and q.channel_id = c.id and q.lane = 0 and q.epoch = c.first_epoch
                  and (q.lease is null or q.lease_until <= now()) limit ${limit}::int)
              union all
              (select 1 from set_aside_webhooks s
                where s.channel_id = c.id
                  and ((s.lane = 1 and s.epoch = c.redelivery_epoch) or (${isAll} and s.lane = 0 and s.epoch = c.first_epoch))
                limit ${limit}::int)) waiting
             where c.id = ${channelId} limit ${limit}::int) counted`;
  return row?.count ?? 0;
}
