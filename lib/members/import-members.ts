import { requireProof } from "#lib/accounts/recent-proof.ts";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudits } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { changeRoles, describeRole } from "./change-roles.ts";
import { findRole } from "./place.ts";
import { type ChannelRole, peopleListMax } from "./schema.ts";

export type Importable = { userId: string; name: string; email: string };

/** The people of a channel's provider who have no role in the channel, by name. At most 500. */
export async function listImportable(
  db: Db,
  channel: { id: string; providerId: string },
): Promise<Importable[]> {
  const users = await db.user.findMany({
    where: {
      disabledAt: null,
      providers: { some: { providerId: channel.providerId } },
      channels: { none: { channelId: channel.id } },
    },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: peopleListMax,
    select: { id: true, name: true, email: true },
  });
  return users.map(({ id, ...user }) => ({ userId: id, ...user }));
}

/**
 * Gives people of the provider a role in its channel at once, without asking them; for those who are Admin of both
 * (docs/platform.md#roles). Who has a role by now keeps it.
 * @throws AppError forbidden; as changeRoles and requireProof; conflict when none of them is in the provider any more, or all have a role.
 */
export async function importMembers(
  db: TransactionalDb,
  actor: Extract<Actor, { kind: "user" }>,
  channel: { id: string; providerId: string },
  form: { userIds: readonly string[]; role: ChannelRole },
): Promise<{ importedCount: number }> {
  const place = { kind: "channel", id: channel.id } as const;
  return changeRoles(db, actor, place, async (tx) => {
    await requireProof(tx, actor);
    const inProvider = { kind: "provider", id: channel.providerId } as const;
    if ((await findRole(tx, inProvider, actor.id)) !== "admin") {
      throw new AppError("forbidden", "Only an Admin of the provider may import from it.");
    }
    const wanted = new Set(form.userIds);
    const people = (await listImportable(tx, channel)).filter(({ userId }) => wanted.has(userId));
    if (people.length === 0) {
      throw new AppError("conflict", "There is nobody left to import.", { key: "import_empty" });
    }
    const { role } = form;
    await tx.channelMember.createMany({
      data: people.map(({ userId }) => ({ channelId: channel.id, userId, role })),
    });
    const change = { after: { role, imported: true } };
    const entries = people.map(({ userId, name }) =>
      describeRole(actor, place, "member_added", { id: userId, name }, change),
    );
    await recordAudits(tx, entries);
    return { importedCount: people.length };
  });
}
