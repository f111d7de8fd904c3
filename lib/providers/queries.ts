import { hasFewRoles } from "#lib/channels/few-roles.ts";
import { countedMax } from "#lib/counted-max.ts";
import type { Db } from "#lib/db.ts";
import { escapeLike } from "#lib/escape-like.ts";
import type { ProviderStanding } from "#lib/members/permissions.ts";
import type { ProviderRole } from "#lib/members/schema.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { Provider, ProviderEntry, ProviderPage } from "./schema.ts";

/** Providers on one page of a list. */
const pageSize = 25;

type Asker = { id: string; isOperator: boolean };
type Place = {
  q?: string;
  after?: string | null;
  size?: number;
  /** What `hasFewRoles` says of the person, where that was asked before. */
  isFew?: boolean;
};

/**
 * The providers a person may see, by name: where they have a role, or one in a channel; operators see all. One page, of those
 * whose name holds `q` or whose ID it is. Read in the order of names (index on name, id) with a look at the person's roles
 * in each, or by the roles where those are few.
 */
export async function listProviders(
  db: Db,
  asker: Asker,
  { size = pageSize, ...place }: Place = {},
): Promise<ProviderPage> {
  const all = asker.isOperator ? Prisma.sql`true` : Prisma.sql`s.role = 'admin'`;
  const rows = await db.$queryRaw<ProviderEntry[]>`
    select s.id, s.name,
           case when ${all} then (select count(*) from (
                  select from channels c where c.provider_id = s.id limit ${countedMax + 1}) counted)
                else (select count(*) from (
                  select from channels c join channel_members m on m.channel_id = c.id and m.user_id = ${asker.id}::uuid
                   where c.provider_id = s.id limit ${countedMax + 1}) counted) end::int as "channelCount"
      from (${await pageOf(db, asker, { ...place, size: size + 1 })}) s
     order by s.name, s.id`;
  const entries = rows.slice(0, size);
  return { entries, next: rows.length > size ? (entries.at(-1)?.id ?? null) : null };
}

/** As listProviders, of the first that hold `q` no more than what they are called: counting their channels costs more than finding them. */
export async function findProviderNames(
  db: Db,
  asker: Asker,
  place: Place & { q: string; size: number },
): Promise<Pick<ProviderEntry, "id" | "name">[]> {
  return db.$queryRaw<Pick<ProviderEntry, "id" | "name">[]>`
    select s.id, s.name from (${await pageOf(db, asker, place)}) s order by s.name, s.id`;
}

async function pageOf(
  db: Db,
  asker: Asker,
  { q = "", after = null, size = pageSize, isFew }: Place,
): Promise<Prisma.Sql> {
  const seen = asker.isOperator ? Prisma.sql`true` : await isSeenBy(db, asker.id, isFew);
  const from = after === null ? null : await findPlace(db, after);
  const onward =
    from === null ? Prisma.sql`true` : Prisma.sql`(p.name, p.id) > (${from}, ${after})`;
  const wanted =
    q === "" ? Prisma.sql`true` : Prisma.sql`(p.name ilike ${`%${escapeLike(q)}%`} or p.id = ${q})`;
  return Prisma.sql`
    select p.id, p.name, m.role from providers p
      left join provider_members m on m.provider_id = p.id and m.user_id = ${asker.id}::uuid
     where ${seen} and ${onward} and ${wanted}
     order by p.name, p.id limit ${size}`;
}

/** What holds for a provider `p`, of which `m` is the person's role, that the person may see. */
async function isSeenBy(db: Db, userId: string, isFew?: boolean): Promise<Prisma.Sql> {
  // With a limit, so that PostgreSQL looks into each provider instead of gathering all channels of the person first.
  if (!(isFew ?? (await hasFewRoles(db, userId)))) {
    return Prisma.sql`(m.role is not null
      or (select 1 from channels c join channel_members o on o.channel_id = c.id and o.user_id = ${userId}::uuid
           where c.provider_id = p.id limit 1) is not null)`;
  }
  const known = await db.$queryRaw<{ id: string }[]>`
    select provider_id as id from provider_members where user_id = ${userId}::uuid
    union
    select c.provider_id from channel_members m join channels c on c.id = m.channel_id
     where m.user_id = ${userId}::uuid`;
  return Prisma.sql`p.id = any(${[...new Set(known.map(({ id }) => id))]}::text[])`;
}

/** Null, and so from the beginning, when that provider is gone. */
async function findPlace(db: Db, providerId: string): Promise<string | null> {
  const row = await db.provider.findUnique({ where: { id: providerId }, select: { name: true } });
  return row?.name ?? null;
}

/** The provider and how a person stands to it; null for unknown ones and for strangers alike. */
export async function findProviderOf(
  db: Db,
  asker: Asker,
  providerId: string,
): Promise<{
  provider: Provider;
  standing: ProviderStanding;
  role: ProviderRole | null;
} | null> {
  const row = await db.provider.findUnique({
    where: { id: providerId },
    select: {
      id: true,
      name: true,
      version: true,
      disabledAt: true,
      createdAt: true,
      members: { where: { userId: asker.id }, select: { role: true } },
    },
  });
  if (row === null) return null;
  const { members, ...provider } = row;
  const role = members[0]?.role ?? null;
  // An operator's reach includes that of a provider's Admin.
  const standing = asker.isOperator ? "operator" : (role ?? "none");
  if (standing === "none" && !(await hasChannelRole(db, asker.id, providerId))) return null;
  return { provider, standing, role };
}

/** Whether a person has a role in any channel of a provider: by its channels, or by the person's roles, whichever are fewer. */
async function hasChannelRole(db: Db, userId: string, providerId: string): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    select 1 from channels c join channel_members m on m.channel_id = c.id and m.user_id = ${userId}::uuid
     where c.provider_id = ${providerId} limit 1`;
  return rows.length > 0;
}
