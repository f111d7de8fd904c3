import type { Db } from "#lib/db.ts";
import type { Place } from "./place.ts";
import type { ChannelRole, Member } from "./schema.ts";

const listMax = 500;

const columns = { role: true, user: { select: { id: true, name: true, email: true } } } as const;
const order = { user: { name: "asc" } } as const;

/** Who has a role at a place, by name. At most 500. */
export async function listMembers(db: Db, place: Place): Promise<Member<ChannelRole>[]> {
  const rows =
    place.kind === "channel"
      ? await db.channelMember.findMany({
          where: { channelId: place.id },
          orderBy: [order, { userId: "asc" }],
          take: listMax,
          select: columns,
        })
      : await db.providerMember.findMany({
          where: { providerId: place.id },
          orderBy: [order, { userId: "asc" }],
          take: listMax,
          select: columns,
        });
  return rows.map(({ role, user }) => ({
    userId: user.id,
    name: user.name,
    email: user.email,
    role,
  }));
}
