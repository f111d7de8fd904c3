import type { Db } from "#lib/db.ts";
import { escapeLike } from "#lib/escape-like.ts";
import type { Place } from "#lib/place.ts";
import { type ChannelRole, type Member, peopleListMax } from "./schema.ts";

const columns = {
  role: true,
  user: { select: { id: true, name: true, email: true, disabledAt: true } },
} as const;
const order = { user: { name: "asc" } } as const;

/** Who has a role at a place, by name; those whose name or address holds `search`. At most 500. */
export async function listMembers(
  db: Db,
  place: Place,
  search = "",
): Promise<Member<ChannelRole>[]> {
  const contains = { contains: escapeLike(search), mode: "insensitive" } as const;
  const user = search === "" ? {} : { user: { OR: [{ name: contains }, { email: contains }] } };
  const rows =
    place.kind === "channel"
      ? await db.channelMember.findMany({
          where: { channelId: place.id, ...user },
          orderBy: [order, { userId: "asc" }],
          take: peopleListMax,
          select: columns,
        })
      : await db.providerMember.findMany({
          where: { providerId: place.id, ...user },
          orderBy: [order, { userId: "asc" }],
          take: peopleListMax,
          select: columns,
        });
  return rows.map(({ role, user: { id, disabledAt, ...person } }) => ({
    userId: id,
    ...person,
    role,
    isDisabled: disabledAt !== null,
  }));
}
