import type { Pool } from "pg";
import {
  type ChannelTrouble,
  type CrowdedChannels,
  fullFrom,
  type IntakeLimits,
  type QueueFigures,
} from "./schema.ts";

/** Pages of the queue that are looked into. All of a queue that has no more, so that what is short is counted exactly. */
const sampleMax = 1_000;
/** Nobody reads of more, and no worker runs where so many wait too long. */
const oldMax = 100_000;

/**
 * The channels of which so much waits, or has waited for a worker for so long, that nothing more of them is taken in, with
 * `was` as it was found before. Costs the same however long the queue is, and next to nothing while all of it is shorter than
 * one channel's may be. Of a queue of more than a thousand pages (some ten thousand webhooks) the count is an estimate, good to
 * some hundredths: the pages are drawn anew each time, and whoever has a large part of the queue is on many of them.
 */
export async function findCrowdedChannels(
  pool: Pool,
  queue: QueueFigures,
  { channelMax, ageMaxMs }: IntakeLimits,
  was: Pick<CrowdedChannels, "get">,
): Promise<CrowdedChannels> {
  const found = new Map<string, ChannelTrouble>();
  if (queue.oldestDueSeconds * 1_000 >= ageMaxMs) {
    for (const id of await listOld(pool, ageMaxMs)) found.set(id, "channel_old");
  }
  if (queue.webhookCount >= fullFrom(channelMax, true)) {
    for (const { channel_id: id, waiting } of await estimateLong(pool, queue, channelMax)) {
      const isLong = waiting >= fullFrom(channelMax, was.get(id) === "channel_long");
      if (isLong) found.set(id, "channel_long");
    }
  }
  return found;
}

/** The channels whose turn has been due for so long. Index: ready_channels (lane, due_at). */
async function listOld(pool: Pool, ageMaxMs: number): Promise<string[]> {
  const { rows } = await pool.query<{ channel_id: string }>({
    name: "intake_old_channels",
    text: `select channel_id from ready_channels
            where lane = any('{0,1}') and due_at <= now() - $1 * interval '1 ms' limit $2`,
    values: [ageMaxMs, oldMax],
  });
  return rows.map((row) => row.channel_id);
}

/** What was cancelled and only not ended yet is none of what waits (docs/decisions/0023). */
async function estimateLong(
  pool: Pool,
  { pageCount }: QueueFigures,
  channelMax: number,
): Promise<{ channel_id: string; waiting: number }[]> {
  const part = Math.min(1, sampleMax / Math.max(1, pageCount));
  const { rows } = await pool.query<{ channel_id: string; waiting: number }>({
    name: "intake_long_channels",
    text: `select seen.channel_id, (sum(seen.count) / $1::float8)::float8 as waiting
             from (select channel_id, lane, epoch, count(*)
                     from webhook_queue tablesample system ($1::float8 * 100) group by channel_id, lane, epoch) seen
             join channels c on c.id = seen.channel_id
              and seen.epoch >= case seen.lane when 0 then c.first_epoch else c.redelivery_epoch end
            group by seen.channel_id having sum(seen.count) / $1::float8 >= $2`,
    values: [part, fullFrom(channelMax, true)],
  });
  return rows;
}
