import type { Db } from "#lib/db.ts";
import type { ChannelContents } from "./schema.ts";

/** Above this it is "more than": counting on would read the whole log of a busy channel. */
const countMax = 10_000;

/**
 * What goes when a channel is deleted, or stays behind: for the page that asks to confirm it. Each count reads at most 10,001
 * index entries (webhook_queue by channel; primary keys of the log and of single errors).
 */
export async function countContents(db: Db, channelId: string): Promise<ChannelContents> {
  const limit = countMax + 1;
  const [row] = await db.$queryRaw<ChannelContents[]>`
    select
      (select count(*)::int from channel_members where channel_id = ${channelId}) as "members",
      (select count(*)::int from (
        (select 1 from webhook_queue where channel_id = ${channelId} limit ${limit})
        union all (select 1 from set_aside_webhooks where channel_id = ${channelId} limit ${limit})) w) as "waiting",
      (select count(*)::int from (select 1 from webhooks where channel_id = ${channelId} limit ${limit}) l) as "logged",
      (select coalesce(sum(error_count), 0)::int from error_hours where channel_id = ${channelId}) as "errors"`;
  return row ?? { members: 0, waiting: 0, logged: 0, errors: 0 };
}
