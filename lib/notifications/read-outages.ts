import type { PoolClient } from "pg";
import { kindOf, type Outage } from "./pace.ts";
import type { NotificationType } from "./schema.ts";

type Row = {
  channelId: string;
  threadId: string;
  lastAt: Date;
  isOver: boolean;
  type: NotificationType;
  key: string;
  toldCount: number;
  lastToldAt: Date | null;
  heldCount: number;
};

/**
 * The newest outage of each channel with what was told of it, by kind of error. Channels without one are absent. Carried
 * by the index on (channel_id, closed_at): the newest notification gives the outage, whose notifications follow it.
 */
export async function readOutages(
  client: PoolClient,
  channelIds: readonly string[],
): Promise<Map<string, Outage>> {
  const { rows } = await client.query<Row>(
    `with newest as (
       select c.id as channel_id, n.thread_id
         from unnest($1::text[]) c(id)
        cross join lateral (select thread_id from notifications
                             where channel_id = c.id and thread_id is not null order by closed_at desc limit 1) n
     ), of_outage as (
       select n.channel_id, n.thread_id, n.type, n.key, n.detected_at, n.closed_at, n.untold, n.error_count,
              max(n.detected_at) filter (where n.untold is null)
                over (partition by n.channel_id, n.type, n.key) as last_told_at,
              max(n.closed_at) over (partition by n.channel_id) as last_at,
              bool_or(n.type = 'recovered') over (partition by n.channel_id) as is_over
         from notifications n join newest on n.channel_id = newest.channel_id and n.thread_id = newest.thread_id
     )
     select channel_id as "channelId", thread_id as "threadId", last_at as "lastAt", is_over as "isOver", type, key,
            count(*) filter (where untold is null)::int as "toldCount", last_told_at as "lastToldAt",
            coalesce(sum(error_count) filter (where untold = 'reminder_pause'
                       and detected_at > coalesce(last_told_at, '-infinity')), 0)::int as "heldCount"
       from of_outage group by channel_id, thread_id, last_at, is_over, type, key, last_told_at`,
    [channelIds],
  );
  const outages = new Map<string, Outage>();
  for (const { channelId, threadId, lastAt, isOver, type, key, ...told } of rows) {
    const outage = outages.get(channelId) ?? { threadId, lastAt, isOver, before: new Map() };
    outage.before.set(kindOf({ type, key }), told);
    outages.set(channelId, outage);
  }
  return outages;
}
