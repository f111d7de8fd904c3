import type { Db } from "#lib/db.ts";
import type { ProviderStanding } from "#lib/members/permissions.ts";
import type { Provider, ProviderEntry } from "./schema.ts";

const listMax = 500;

type Asker = { id: string; isOperator: boolean };

/** Where a person has to do with a provider: a role in it, or in one of its channels. */
const belongsTo = (userId: string) => ({
  OR: [
    { members: { some: { userId } } },
    { channels: { some: { members: { some: { userId } } } } },
  ],
});

/** The providers a person may see, by name; operators see all. At most 500. */
export async function listProviders(db: Db, asker: Asker): Promise<ProviderEntry[]> {
  const rows = await db.provider.findMany({
    where: asker.isOperator ? {} : belongsTo(asker.id),
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: listMax,
    select: {
      id: true,
      name: true,
      members: { where: { userId: asker.id }, select: { role: true } },
      channels: { where: { members: { some: { userId: asker.id } } }, select: { id: true } },
      _count: { select: { channels: true } },
    },
  });
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    channelCount:
      asker.isOperator || row.members[0]?.role === "admin"
        ? row._count.channels
        : row.channels.length,
  }));
}

/** The provider and how a person stands to it; null for unknown ones and for strangers alike. */
export async function findProviderOf(
  db: Db,
  asker: Asker,
  providerId: string,
): Promise<{
  provider: Provider;
  standing: ProviderStanding;
  role: "admin" | "member" | null;
} | null> {
  const row = await db.provider.findFirst({
    where: { id: providerId, ...(asker.isOperator ? {} : belongsTo(asker.id)) },
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
  return { provider, standing, role };
}
