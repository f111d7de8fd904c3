import type { Db } from "#lib/db.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** What reading so many roles with their channels costs, every page can afford. */
const fewMax = 5_000;

/**
 * Whether a person has at most so many roles in channels: unless told, as many as can all be looked at for one page. Index:
 * channel_members (user_id), so far only.
 */
export async function hasFewRoles(db: Db, userId: string, most = fewMax): Promise<boolean> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count
      from (select from channel_members where user_id = ${userId}::uuid limit ${most + 1}) roles`;
  return (row?.count ?? 0) <= most;
}

/**
 * How a part of a statement that joins a person's roles with channels is read. Left to itself PostgreSQL may walk through all
 * channels there are in search of a page of the few that are the person's, because it thinks them spread evenly.
 */
export const byRoles = (isFew: boolean): Prisma.Sql =>
  isFew ? Prisma.sql`materialized` : Prisma.sql`not materialized`;
