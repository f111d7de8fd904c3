import type { Db } from "#lib/db.ts";
import { escapeLike } from "#lib/escape-like.ts";
import { rolesWith } from "#lib/members/permissions.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { byRoles, hasFewRoles } from "./few-roles.ts";
import { type EntryRow, entryColumns, entryJoins, withHealth } from "./list.ts";
import type { FoundChannels } from "./schema.ts";

/** So many that match are put in order; who finds more types more. */
const orderedMax = 200;
const wordsMax = 8;
/** Pieces of three characters tell a text apart well enough; more of them only cost. */
const gramsMax = 24;

type Scope = {
  limit: number;
  /** Of this provider; `isListed`: also channels in which the person has no role, which show nothing but a name. */
  within?: { providerId: string; isListed: boolean };
};

/**
 * The person's channels whose name, ID or Webhook URL holds every word of `text`, whatever its case: where an ID is the text,
 * first, then names that begin with it, then the rest by name. The URL is looked at for those who may see it. Of a person with
 * few roles all channels are looked at; else the index on channel_search (grams) carries it, and words of one or two characters
 * are looked for in names and IDs only. Past 200 that match no further is read.
 */
export async function searchChannels(
  db: Db,
  userId: string,
  text: string,
  { limit, within }: Scope,
): Promise<FoundChannels> {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const asked = words.slice(0, wordsMax);
  if (asked.length === 0) return { entries: [], isCut: false };
  const patterns = asked.map((word) => `%${escapeLike(word)}%`);
  const members = within?.isListed === true ? Prisma.sql`left join` : Prisma.sql`join`;
  const place =
    within === undefined ? Prisma.sql`true` : Prisma.sql`c.provider_id = ${within.providerId}`;
  const isFew = within?.isListed !== true && (await hasFewRoles(db, userId));
  const [search, carried] = isFew
    ? [Prisma.empty, Prisma.sql`true`]
    : [
        Prisma.sql`join channel_search s on s.channel_id = c.id`,
        Prisma.sql`s.grams @> ${gramsOf(asked)}`,
      ];
  const rows = await db.$queryRaw<EntryRow[]>`
    with seen as ${byRoles(isFew)} (
      select c.id, c.name, c.webhook_url, m.role
        from channels c ${search}
        ${members} channel_members m on m.channel_id = c.id and m.user_id = ${userId}::uuid
       where ${place} and ${carried}),
    found as materialized (
      select id from seen
       where lower(concat_ws(' ', name, case when role is not null then id end,
                             case when role = any(${seeUrl}::channel_role[]) then webhook_url end))
             like all(array(select lower(pattern) from unnest(${patterns}::text[]) as pattern))
       limit ${orderedMax})
    select ${entryColumns}
      from found f join channels c on c.id = f.id
      left join channel_members m on m.channel_id = c.id and m.user_id = ${userId}::uuid
      ${entryJoins}
     order by c.id = ${text} desc, starts_with(lower(c.name), lower(${text})) desc, c.name, c.id
     limit ${limit + 1}`;
  const entries = await withHealth(db, rows.slice(0, limit));
  return { entries, isCut: rows.length > limit };
}

const seeUrl = [...rolesWith("see_deliveries")];

/** The pieces that every word consists of; PostgreSQL puts them into lower case, as it did those that it keeps. */
function gramsOf(words: readonly string[]): Prisma.Sql {
  const pieces = new Set(words.flatMap(piecesOf));
  return Prisma.sql`array(select lower(piece) from unnest(${[...pieces].slice(0, gramsMax)}::text[]) as piece)`;
}

function piecesOf(word: string): string[] {
  const characters = [...word];
  if (characters.length <= 3) return [word];
  return characters.slice(2).map((_, at) => characters.slice(at, at + 3).join(""));
}
