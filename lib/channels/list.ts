import type { Db } from "#lib/db.ts";
import { isShownSql } from "#lib/endpoint-health/shown.ts";
import { can, rolesWith } from "#lib/members/permissions.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { byRoles, hasFewRoles } from "./few-roles.ts";
import { countHealth } from "./health.ts";
import type { ChannelEntry, ChannelPage } from "./schema.ts";

/** Channels on one page of a list. */
export const channelPageSize = 50;

export type EntryRow = Omit<ChannelEntry, "health">;

type Place = { after?: string | null; size?: number };

/**
 * The channels in which a person has a role, by name, with their state. Those whose errors the person may not see carry no
 * state at all. However many there are, one page is read of them: in the order of names (index on name, id) with a look at
 * the person's role in each, or by the person's roles (index on user_id) where those are few.
 */
export async function listOwnChannels(
  db: Db,
  userId: string,
  place: Place = {},
): Promise<ChannelPage> {
  return readPage(db, userId, place, {
    isListed: false,
    where: Prisma.sql`true`,
  });
}

/**
 * The channels of a provider, by name: all of them, or with `onlyOwn` those in which the person has a role. Index on
 * provider_id, name, id.
 */
export async function listProviderChannels(
  db: Db,
  userId: string,
  providerId: string,
  { onlyOwn, ...place }: Place & { onlyOwn: boolean },
): Promise<ChannelPage> {
  return readPage(db, userId, place, {
    isListed: !onlyOwn,
    where: Prisma.sql`c.provider_id = ${providerId}`,
  });
}

/**
 * Channels shown as failing (docs/decisions/0028) whose errors the person may see, those that began last first; of one provider,
 * or of all. Index on shown_since with a look at the person's role, or by the person's roles where those are few.
 */
export async function listFailingChannels(
  db: Db,
  userId: string,
  { limit, providerId = null }: { limit: number; providerId?: string | null },
): Promise<ChannelEntry[]> {
  const rows = await db.$queryRaw<EntryRow[]>`
    select ${entryColumns}
      from endpoint_health e
      join channel_members m on m.channel_id = e.channel_id and m.user_id = ${userId}::uuid
      join channels c on c.id = e.channel_id
      ${entryJoins}
     where ${fails} and m.role = any(${seeErrors}::channel_role[])
       and (${providerId}::text is null or c.provider_id = ${providerId})
     order by e.shown_since desc limit ${limit}`;
  return withHealth(db, rows);
}

/** The state of each, where its role lets the person see it; in the order given. */
export async function withHealth(db: Db, rows: readonly EntryRow[]): Promise<ChannelEntry[]> {
  const visible = rows.filter(({ role }) => role !== null && can(role, "see_errors"));
  const health = await countHealth(
    db,
    visible.map(({ id }) => id),
  );
  return rows.map((row) => ({ ...row, health: health.get(row.id) ?? null }));
}

/** Of a row `e` of endpoint_health and its channel `c`: it is shown as failing. */
export const fails = Prisma.sql`${Prisma.raw(isShownSql("e"))} and c.use_webhook`;

const seeErrors = [...rolesWith("see_errors")];

/** Of channels `c` and the person's roles `m`, with `entryJoins`. */
export const entryColumns = Prisma.sql`
  c.id, c.name, c.provider_id as "providerId", p.name as "providerName", i.hash as "iconHash", m.role::text as role`;
export const entryJoins = Prisma.sql`
  join providers p on p.id = c.provider_id left join channel_icons i on i.channel_id = c.id`;

async function readPage(
  db: Db,
  userId: string,
  { after = null, size = channelPageSize }: Place,
  /** `isListed`: also channels in which the person has no role. */
  { isListed, where }: { isListed: boolean; where: Prisma.Sql },
): Promise<ChannelPage> {
  const from = after === null ? null : await findPlace(db, after);
  const onward =
    from === null ? Prisma.sql`true` : Prisma.sql`(c.name, c.id) > (${from}, ${after})`;
  const members = isListed ? Prisma.sql`left join` : Prisma.sql`join`;
  const isFew = !isListed && (await hasFewRoles(db, userId));
  const rows = await db.$queryRaw<EntryRow[]>`
    with seen as ${byRoles(isFew)} (
      select c.id, c.name, c.provider_id, m.role
        from channels c ${members} channel_members m on m.channel_id = c.id and m.user_id = ${userId}::uuid
       where ${where} and ${onward})
    select c.id, c.name, c.provider_id as "providerId", p.name as "providerName", i.hash as "iconHash", c.role::text as role
      from seen c ${entryJoins}
     order by c.name, c.id limit ${size + 1}`;
  const entries = await withHealth(db, rows.slice(0, size));
  return { entries, next: rows.length > size ? (entries.at(-1)?.id ?? null) : null };
}

/** Where a page begins; null, and so from the beginning, when that channel is gone. */
async function findPlace(db: Db, channelId: string): Promise<string | null> {
  const row = await db.channel.findUnique({ where: { id: channelId }, select: { name: true } });
  return row?.name ?? null;
}
