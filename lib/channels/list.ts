import type { Db } from "#lib/db.ts";
import { can } from "#lib/members/permissions.ts";
import { countHealth } from "./health.ts";
import type { ChannelEntry } from "./schema.ts";

const listMax = 500;

/**
 * The channels in which a person has a role, by provider and name, with their state. Those whose errors the person may
 * not see carry no state at all. At most 500.
 */
export async function listOwnChannels(db: Db, userId: string): Promise<ChannelEntry[]> {
  return list(db, userId, { members: { some: { userId } } });
}

/** The channels of a provider: all of them, or with `onlyOwn` those in which the person has a role. */
export async function listProviderChannels(
  db: Db,
  userId: string,
  providerId: string,
  options: { onlyOwn: boolean },
): Promise<ChannelEntry[]> {
  const own = options.onlyOwn ? { members: { some: { userId } } } : {};
  return list(db, userId, { providerId, ...own });
}

type Where = { providerId?: string; members?: { some: { userId: string } } };

async function list(db: Db, userId: string, where: Where): Promise<ChannelEntry[]> {
  const rows = await db.channel.findMany({
    where,
    orderBy: [{ provider: { name: "asc" } }, { providerId: "asc" }, { name: "asc" }, { id: "asc" }],
    take: listMax,
    select: {
      id: true,
      name: true,
      providerId: true,
      provider: { select: { name: true } },
      icon: { select: { hash: true } },
      members: { where: { userId }, select: { role: true } },
    },
  });
  const entries = rows.map((row) => ({
    id: row.id,
    name: row.name,
    providerId: row.providerId,
    providerName: row.provider.name,
    iconHash: row.icon?.hash ?? null,
    role: row.members[0]?.role ?? null,
  }));
  const visible = entries.filter((entry) => entry.role !== null && can(entry.role, "see_errors"));
  const health = await countHealth(
    db,
    visible.map((entry) => entry.id),
  );
  return entries.map((entry) => ({ ...entry, health: health.get(entry.id) ?? null }));
}
