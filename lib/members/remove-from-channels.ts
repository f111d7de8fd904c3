import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudits } from "#lib/audit/record-audit.ts";
import type { Db } from "#lib/db.ts";
import { describeRole } from "./change-roles.ts";
import type { ChannelRole } from "./schema.ts";

/**
 * Takes the roles of people of a provider in all of its channels, in the transaction that has locked the provider. Each
 * channel that loses somebody is locked like for every change of roles, in the order of ids. In few statements, however many
 * channels there are.
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
  const channelIds = channels.map(({ id }) => id);
  const before = await countAdminsByChannel(tx, channelIds);
  const removed = await tx.$queryRaw<Removed[]>`
    delete from channel_members m using users u
     where m.channel_id = any(${channelIds}) and m.user_id = any(${ids}::uuid[]) and u.id = m.user_id
    returning m.channel_id as "channelId", m.role::text as role, u.id::text as "userId", u.name`;
  const after = await countAdminsByChannel(tx, channelIds);
  const orphaned = channels.filter(({ id }) => before.has(id) && !after.has(id));
  if (orphaned.length > 0) throw lastAdminOf(orphaned.map(({ name }) => name));
  const entries = removed.map(({ channelId, role, userId, name }) =>
    describeRole(
      actor,
      { kind: "channel", id: channelId },
      "member_removed",
      { id: userId, name },
      { before: { role }, after: { withProvider: providerId } },
    ),
  );
  await recordAudits(tx, entries);
}

type Removed = { channelId: string; role: ChannelRole; userId: string; name: string };

/** Admins whose account is not disabled; channels without any are absent. Index: channel_members (channel_id, user_id). */
async function countAdminsByChannel(
  tx: Db,
  channelIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<{ channelId: string; count: number }[]>`
    select m.channel_id as "channelId", count(*)::int as count from channel_members m join users u on u.id = m.user_id
     where m.channel_id = any(${[...channelIds]}) and m.role = 'admin' and u.disabled_at is null group by 1`;
  return new Map(rows.map((row) => [row.channelId, row.count]));
}

const lastAdminOf = (names: readonly string[]) =>
  new AppError("conflict", `Channels would be left without an Admin: ${names.join(", ")}.`, {
    key: "last_admin_of_channels",
    values: { names: names.join(", ") },
  });
