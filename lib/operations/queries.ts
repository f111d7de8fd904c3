import { countedMax } from "#lib/counted-max.ts";
import type { Db } from "#lib/db.ts";
import {
  type ChannelLine,
  type ListPage,
  type ProviderLine,
  type UserLine,
  waitingCountMax,
} from "./schema.ts";
import { type ListSearch, likePattern } from "./search.ts";

// Lists of the whole installation, for operators only, 50 lines a page in the order of their names. They search by scanning:
// accounts, providers and channels number thousands, not millions.
const pageSize = 50;

/** Accounts whose address or name contains the text, or whose id it is; by address. */
export async function listUsers(db: Db, { q, after }: ListSearch): Promise<ListPage<UserLine>> {
  const pattern = likePattern(q);
  const rows = await db.$queryRaw<UserLine[]>`
    select id, email, name, is_operator as "isOperator", created_at as "createdAt", disabled_at as "disabledAt",
           ((select count(*) from provider_members m where m.user_id = u.id)
             + (select count(*) from (select from channel_members m where m.user_id = u.id limit ${countedMax + 1}) counted))::int
             as "roleCount"
      from users u
     where (${q} = '' or email ilike ${pattern} or name ilike ${pattern} or id::text = ${q})
       and (${after}::text is null or email > (select email from users where id::text = ${after}))
     order by email limit ${pageSize + 1}`;
  return toPage(rows);
}

/** Providers whose name contains the text, or whose id it is; by name. */
export async function findProviders(
  db: Db,
  { q, after }: ListSearch,
): Promise<ListPage<ProviderLine>> {
  const rows = await db.$queryRaw<ProviderLine[]>`
    select id, name, disabled_at as "disabledAt", created_at as "createdAt",
           (select count(*)::int from (select from channels c where c.provider_id = p.id limit ${countedMax + 1}) counted)
             as "channelCount",
           (select count(*)::int from (select 1 from channels c join webhook_queue q on q.channel_id = c.id
                                        where c.provider_id = p.id limit ${waitingCountMax + 1}::int) w) as "waitingCount"
      from providers p
     where (${q} = '' or name ilike ${likePattern(q)} or id = ${q})
       and (${after}::text is null or (name, id) > (select name, id from providers where id = ${after}))
     order by name, id limit ${pageSize + 1}`;
  return toPage(rows);
}

/** Channels whose name, or whose provider's, contains the text, or whose id or bot user ID it is; by name. */
export async function findChannels(
  db: Db,
  { q, after }: ListSearch,
): Promise<ListPage<ChannelLine>> {
  const pattern = likePattern(q);
  const rows = await db.$queryRaw<ChannelLine[]>`
    select c.id, c.name, c.provider_id as "providerId", p.name as "providerName", c.use_webhook as "useWebhook",
           c.disabled_at as "disabledAt", p.disabled_at as "providerDisabledAt", c.created_at as "createdAt",
           (select count(*)::int from (select 1 from webhook_queue q where q.channel_id = c.id
                                        limit ${waitingCountMax + 1}::int) w) as "waitingCount"
      from channels c join providers p on p.id = c.provider_id
     where (${q} = '' or c.name ilike ${pattern} or p.name ilike ${pattern} or c.id = ${q} or c.bot_user_id = ${q})
       and (${after}::text is null or (c.name, c.id) > (select name, id from channels where id = ${after}))
     order by c.name, c.id limit ${pageSize + 1}`;
  return toPage(rows);
}

function toPage<Line extends { id: string }>(rows: Line[]): ListPage<Line> {
  const lines = rows.slice(0, pageSize);
  return { lines, next: rows.length > pageSize ? (lines.at(-1)?.id ?? null) : null };
}
