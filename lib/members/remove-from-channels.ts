import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import type { Db } from "#lib/db.ts";
import { recordRole } from "./change-roles.ts";
import { countAdmins } from "./place.ts";

/**
 * Takes the roles of people of a provider in all of its channels, in the transaction that has locked the provider. Each
 * channel that loses somebody is locked like for every change of roles, in the order of ids.
 * @throws AppError conflict, naming them, when channels would be left without an Admin.
 */
export async function removeFromChannels(
  tx: Db,
  actor: Actor,
  providerId: string,
  userIds: readonly string[],
): Promise<void> {
  const ids = [...userIds];
  const channels = await tx.$queryRaw<{ id: string; name: string }[]>`
    select id, name from channels
     where provider_id = ${providerId}
       and id in (select channel_id from channel_members where user_id = any(${ids}::uuid[]))
     order by id for no key update`;
  const orphaned: string[] = [];
  for (const { id, name } of channels) {
    const place = { kind: "channel", id } as const;
    const before = await countAdmins(tx, place);
    const where = { channelId: id, userId: { in: ids } };
    const members = await tx.channelMember.findMany({
      where,
      select: { role: true, user: { select: { id: true, name: true } } },
    });
    await tx.channelMember.deleteMany({ where });
    if (before > 0 && (await countAdmins(tx, place)) === 0) orphaned.push(name);
    for (const { role, user } of members) {
      const change = { before: { role }, after: { withProvider: providerId } };
      await recordRole(tx, actor, place, "member_removed", user, change);
    }
  }
  if (orphaned.length > 0) throw lastAdminOf(orphaned);
}

const lastAdminOf = (names: readonly string[]) =>
  new AppError("conflict", `Channels would be left without an Admin: ${names.join(", ")}.`, {
    key: "last_admin_of_channels",
    values: { names: names.join(", ") },
  });
