import { countedMax } from "#lib/counted-max.ts";
import type { Db } from "#lib/db.ts";
import { piecesOf } from "#lib/search-pieces.ts";
import { Prisma } from "#prisma/generated/client.ts";
import {
  type ChannelLine,
  type ListPage,
  type ProviderLine,
  type UserLine,
  waitingCountMax,
} from "./schema.ts";
import { type ListSearch, likePattern } from "./search.ts";

// Lists of the whole installation, for operators only, 50 lines a page in the order of their names. Accounts and providers are searched
// by scanning: they number thousands, not millions. Channels may be more.
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

/**
 * Channels whose name, or whose provider's, contains the text, or whose id or bot user ID it is; by name. Each of these is a page
 * by an index: names by that on channel_search (grams), or by that of names where most hold the text, which PostgreSQL decides by
 * the pieces; those of a provider by (provider_id, name, id), after a look through the names of all providers, of which there are far
 * fewer.
 */
export async function findChannels(
  db: Db,
  { q, after }: ListSearch,
): Promise<ListPage<ChannelLine>> {
  const onward = await onwardFrom(db, after);
  const found =
    q === ""
      ? pageOf(Prisma.sql`select c.id, c.name from channels c where ${onward}`)
      : await matching(db, q, onward);
  const rows = await db.$queryRaw<ChannelLine[]>`
    select c.id, c.name, c.provider_id as "providerId", p.name as "providerName", c.use_webhook as "useWebhook",
           c.disabled_at as "disabledAt", p.disabled_at as "providerDisabledAt", c.created_at as "createdAt",
           (select count(*)::int from (select 1 from webhook_queue q where q.channel_id = c.id
                                        limit ${waitingCountMax + 1}::int) w) as "waitingCount"
      from (${found}) f join channels c on c.id = f.id join providers p on p.id = c.provider_id
     order by c.name, c.id`;
  return toPage(rows);
}

async function matching(db: Db, q: string, onward: Prisma.Sql): Promise<Prisma.Sql> {
  const pattern = likePattern(q);
  // Not by like: of that the planner thinks that hardly anything matches, and so that it has to read everything.
  const byName = pageOf(Prisma.sql`
    select c.id, c.name from channels c join channel_search s on s.channel_id = c.id
     where s.grams @> ${await piecesOf(db, [q])}::text[] and strpos(lower(c.name), lower(${q})) > 0 and ${onward}`);
  const ofProvider = pageOf(
    Prisma.sql`select c.id, c.name from channels c where c.provider_id = p.id and ${onward}`,
  );
  return pageOf(Prisma.sql`
    select id, name from (
      (${byName})
      union (select c.id, c.name from providers p cross join lateral (${ofProvider}) c where p.name ilike ${pattern})
      union (select c.id, c.name from channels c where (c.id = ${q} or c.bot_user_id = ${q}) and ${onward})) c`);
}

/** One line more than a page has, which tells that there are more. */
const pageOf = (lines: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`${lines} order by name, id limit ${pageSize + 1}`;

/** The name is asked first, since an index begins only at values that are given. From the beginning when that channel is gone. */
async function onwardFrom(db: Db, after: string | null): Promise<Prisma.Sql> {
  const from =
    after === null
      ? null
      : await db.channel.findUnique({ where: { id: after }, select: { name: true } });
  return from === null ? Prisma.sql`true` : Prisma.sql`(c.name, c.id) > (${from.name}, ${after})`;
}

function toPage<Line extends { id: string }>(rows: Line[]): ListPage<Line> {
  const lines = rows.slice(0, pageSize);
  return { lines, next: rows.length > pageSize ? (lines.at(-1)?.id ?? null) : null };
}
