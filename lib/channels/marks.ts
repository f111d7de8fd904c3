import { AppError } from "#lib/app-error.ts";
import type { Db } from "#lib/db.ts";
import { type EntryRow, entryColumns, entryJoins, withHealth } from "./list.ts";
import type { ChannelEntry } from "./schema.ts";

export const pinsMax = 50;
const openedKept = 20;

/**
 * Notes that a person opened a channel, at most once a minute. Never waits: while somebody changes the channel or the account,
 * it is not noted.
 */
export async function noteOpened(db: Db, userId: string, channelId: string): Promise<void> {
  const noted = await db.$executeRaw`
    insert into channel_marks (user_id, channel_id, opened_at)
    select u.id, c.id, now() from users u, channels c
     where u.id = ${userId}::uuid and c.id = ${channelId}
       and not exists (select from channel_marks k
                        where k.user_id = u.id and k.channel_id = c.id and k.opened_at > now() - interval '1 minute')
       for key share skip locked
    on conflict (user_id, channel_id) do update set opened_at = excluded.opened_at`;
  if (noted === 0) return;
  await db.$executeRaw`
    delete from channel_marks
     where user_id = ${userId}::uuid and pinned_at is null
       and opened_at < (select opened_at from channel_marks
                         where user_id = ${userId}::uuid and opened_at is not null
                         order by opened_at desc offset ${openedKept - 1} limit 1)`;
}

/**
 * Pins a channel to a person's side bar, or takes it off.
 * @throws AppError conflict when fifty are pinned already.
 */
export async function setPinned(
  db: Db,
  userId: string,
  channelId: string,
  isPinned: boolean,
): Promise<void> {
  if (!isPinned) {
    await db.channelMark.updateMany({ where: { userId, channelId }, data: { pinnedAt: null } });
    return;
  }
  const pinned = await db.channelMark.count({
    where: { userId, pinnedAt: { not: null }, channelId: { not: channelId } },
  });
  if (pinned >= pinsMax) {
    throw new AppError("conflict", `At most ${pinsMax} channels can be pinned.`, {
      key: "pins_full",
      values: { max: pinsMax },
    });
  }
  await db.$executeRaw`
    insert into channel_marks (user_id, channel_id, pinned_at) values (${userId}::uuid, ${channelId}, now())
    on conflict (user_id, channel_id) do update set pinned_at = excluded.pinned_at`;
}

export async function isPinned(db: Db, userId: string, channelId: string): Promise<boolean> {
  const mark = await db.channelMark.findUnique({
    where: { userId_channelId: { userId, channelId } },
    select: { pinnedAt: true },
  });
  return mark?.pinnedAt != null;
}

/**
 * What a person pinned, by name, and what they opened last, newest first, as far as they still have a role there. Index: the
 * primary key of channel_marks, of which a person has seventy at most.
 */
export async function listMarked(
  db: Db,
  userId: string,
  { recentMax }: { recentMax: number },
): Promise<{ pinned: ChannelEntry[]; recent: ChannelEntry[] }> {
  const rows = await db.$queryRaw<(EntryRow & { isPinned: boolean })[]>`
    select ${entryColumns}, k.pinned_at is not null as "isPinned"
      from channel_marks k
      join channel_members m on m.channel_id = k.channel_id and m.user_id = k.user_id
      join channels c on c.id = k.channel_id
      ${entryJoins}
     where k.user_id = ${userId}::uuid
     order by k.opened_at desc nulls last, c.name, c.id`;
  const recent = rows.filter((row) => !row.isPinned).slice(0, recentMax);
  const pinned = rows.filter((row) => row.isPinned);
  const shown = await withHealth(db, [...pinned, ...recent].map(entryOf));
  const byName = (a: ChannelEntry, b: ChannelEntry) => a.name.localeCompare(b.name);
  return {
    pinned: shown.slice(0, pinned.length).toSorted(byName),
    recent: shown.slice(pinned.length),
  };
}

const entryOf = ({ isPinned: _, ...row }: EntryRow & { isPinned: boolean }): EntryRow => row;
