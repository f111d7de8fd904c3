import type { Db } from "#lib/db.ts";
import { rolesWith } from "#lib/members/permissions.ts";
import { piecesOf } from "#lib/search-pieces.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { byRoles, hasFewRoles } from "./few-roles.ts";
import { type EntryRow, entryColumns, entryJoins, withHealth } from "./list.ts";

import type { FoundChannels } from "./schema.ts";

/** So many that match are read; who finds more types more. A name typed whole is among them, however many hold it. */
const orderedMax = 200;
const wordsMax = 8;

type Scope = {
  limit: number;
  /** What `hasFewRoles` says of the person, where that was asked before. */
  isFew?: boolean;
  /** Of this provider; `isListed`: also channels in which the person has no role, which show nothing but a name. */
  within?: { providerId: string; isListed: boolean };
};

/**
 * The person's channels whose name, ID or Webhook URL holds every word of `text`, whatever its case: where an ID is the text,
 * first, then the name that it is, then names that begin with it, then the rest by name. The URL is looked at for those who may
 * see it. Of a person with few roles all channels are looked at and put in order; else the index on channel_search (grams)
 * carries it, words of one or two characters are looked for in names and IDs only, and past 200 that match no further is
 * read, except for those whose name it is (index on name, id).
 */
export async function searchChannels(
  db: Db,
  userId: string,
  text: string,
  { limit, within, ...known }: Scope,
): Promise<FoundChannels> {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const asked = words.slice(0, wordsMax);
  if (asked.length === 0) return { entries: [], isCut: false };
  // Not by like: of that the planner thinks that hardly anything matches, and so that it has to read everything.
  const holdsAll = Prisma.join(
    asked.map((word) => Prisma.sql`strpos(told, lower(${word})) > 0`),
    " and ",
  );
  const members = within?.isListed === true ? Prisma.sql`left join` : Prisma.sql`join`;
  const place =
    within === undefined ? Prisma.sql`true` : Prisma.sql`c.provider_id = ${within.providerId}`;
  const isFew = within?.isListed !== true && (known.isFew ?? (await hasFewRoles(db, userId)));
  const [search, carried] = isFew
    ? [Prisma.empty, Prisma.sql`true`]
    : [
        Prisma.sql`join channel_search s on s.channel_id = c.id`,
        Prisma.sql`s.grams @> ${await piecesOf(db, asked)}::text[]`,
      ];
  const whole = text.trim();
  const byName = Prisma.sql`c.id = ${whole} desc, c.name = ${whole} desc, starts_with(lower(c.name), lower(${whole})) desc, c.name, c.id`;
  const [read, named] = isFew
    ? [Prisma.sql`select c.id from seen c where ${holdsAll} order by ${byName}`, Prisma.empty]
    : [
        Prisma.sql`select id from seen where ${holdsAll}`,
        Prisma.sql`
          union
          (select c.id from channels c ${members} channel_members m on m.channel_id = c.id and m.user_id = ${userId}::uuid
            where c.name = ${whole} and ${place} limit ${orderedMax})`,
      ];
  const rows = await db.$queryRaw<EntryRow[]>`
    with seen as ${byRoles(isFew)} (
      select c.id, c.name, lower(concat_ws(' ', c.name, case when m.role is not null then c.id end,
                                   case when m.role = any(${seeUrl}::channel_role[]) then c.webhook_url end)) as told
        from channels c ${search}
        ${members} channel_members m on m.channel_id = c.id and m.user_id = ${userId}::uuid
       where ${place} and ${carried}),
    found as materialized ((${read} limit ${orderedMax}) ${named})
    select ${entryColumns}
      from found f join channels c on c.id = f.id
      left join channel_members m on m.channel_id = c.id and m.user_id = ${userId}::uuid
      ${entryJoins}
     order by ${byName}
     limit ${limit + 1}`;
  const entries = await withHealth(db, rows.slice(0, limit));
  return { entries, isCut: rows.length > limit };
}

const seeUrl = [...rolesWith("see_deliveries")];
