import type { Db } from "#lib/db.ts";
import type { Place } from "#lib/place.ts";
import type { ChannelRole, ProviderRole } from "./schema.ts";

/** Puts everyone who changes roles of this place in line until the transaction ends. False: the place is gone. */
export async function lockPlace(tx: Db, place: Place): Promise<boolean> {
  const rows =
    place.kind === "channel"
      ? await tx.$queryRaw<
          unknown[]
        >`select 1 from channels where id = ${place.id} for no key update`
      : await tx.$queryRaw<
          unknown[]
        >`select 1 from providers where id = ${place.id} for no key update`;
  return rows.length > 0;
}

export async function findRole(
  db: Db,
  place: Place,
  userId: string,
): Promise<ChannelRole | ProviderRole | null> {
  const row =
    place.kind === "channel"
      ? await db.channelMember.findUnique({
          where: { channelId_userId: { channelId: place.id, userId } },
          select: { role: true },
        })
      : await db.providerMember.findUnique({
          where: { providerId_userId: { providerId: place.id, userId } },
          select: { role: true },
        });
  return row?.role ?? null;
}

/** Those who can act: whoever is disabled cannot. */
export function countAdmins(db: Db, place: Place): Promise<number> {
  const admins = { role: "admin", user: { disabledAt: null } } as const;
  return place.kind === "channel"
    ? db.channelMember.count({ where: { channelId: place.id, ...admins } })
    : db.providerMember.count({ where: { providerId: place.id, ...admins } });
}
