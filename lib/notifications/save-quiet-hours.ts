import { holdPerson } from "#lib/accounts/hold-actor.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { changedFields } from "#lib/audit/changed-fields.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { requireChannelRight } from "#lib/members/require-right.ts";
import { addressKey } from "#lib/outbox/mail-address.ts";
import { type ChosenHours, formatClock, type QuietHours } from "#lib/quiet-hours/schema.ts";

type Person = Extract<Actor, { kind: "user" }>;
/** Whose they are. */
type Owner = { userId: string } | { channelId: string };

const fields = {
  ...{ beginsAt: true, endsAt: true, weekdays: true },
  ...{ outagesCome: true, timeZone: true },
} as const;

/** Null: none are set. `timeZone` is null for a person's, which are in the zone of the account. */
export function findQuietHours(db: Db, owner: Owner): Promise<QuietHours | null> {
  return db.quietHours.findFirst({ where: owner, select: fields });
}

/**
 * Sets the hours in which no error mails come to a person; null: they always come. What waits is looked at again at once. The same
 * hours again are no entry. @throws AppError as holdActor.
 */
export async function saveOwnQuietHours(
  db: TransactionalDb,
  actor: Person,
  hours: ChosenHours | null,
): Promise<void> {
  await db.$transaction(async (tx) => {
    await holdPerson(tx, actor);
    const change = await replace(tx, { userId: actor.id }, hours && { ...hours, timeZone: null });
    if (change === null) return;
    const { email } = await tx.user.findUniqueOrThrow({
      where: { id: actor.id },
      select: { email: true },
    });
    await lookAgain(tx, email);
    await recordAudit(tx, { actor, action: "quiet_hours_set", ...change });
  });
}

/** The same for a channel's own address, which is told which zone the hours are in. @throws AppError as requireChannelRight. */
export async function saveChannelQuietHours(
  db: TransactionalDb,
  actor: Actor,
  channelId: string,
  hours: QuietHours | null,
): Promise<void> {
  await db.$transaction(async (tx) => {
    // Of two Admins at once the second waits, so that its entry begins where the first one's ended.
    await tx.$queryRaw`select 1 from channels where id = ${channelId} for no key update`;
    await requireChannelRight(tx, actor, channelId, "manage_notifications");
    const change = await replace(tx, { channelId }, hours);
    if (change === null) return;
    const { email } = await tx.channel.findUniqueOrThrow({
      where: { id: channelId },
      select: { email: true },
    });
    await lookAgain(tx, email, channelId);
    await recordAudit(tx, { actor, action: "channel_quiet_hours_set", channelId, ...change });
  });
}

/** What changed, as the audit log says it; null: nothing did. Behind a lock on the owner's row. */
async function replace(tx: Db, owner: Owner, hours: QuietHours | null) {
  const change = changedFields(inWords(await findQuietHours(tx, owner)), inWords(hours));
  if (change === null) return null;
  await tx.quietHours.deleteMany({ where: owner });
  if (hours !== null) {
    const { weekdays, ...others } = hours;
    await tx.quietHours.create({
      data: { ...owner, ...others, weekdays: [...weekdays] },
      select: { id: true },
    });
  }
  return change;
}

/** At what waits for the address: of one channel, or of all. */
async function lookAgain(tx: Db, email: string, channelId: string | null = null): Promise<void> {
  await tx.$executeRaw`
    update notices set look_again_at = created_at
     where address_key = ${addressKey(email)} and told_at is null and look_again_at > created_at
       and (${channelId}::text is null or channel_id = ${channelId})`;
}

type Words = {
  [Field in "timeZone" | "quietHours" | "weekdays"]: string | null;
} & { outagesCome: boolean | null };

function inWords(hours: QuietHours | null): Words {
  if (hours === null) {
    return { timeZone: null, quietHours: null, weekdays: null, outagesCome: null };
  }
  const { beginsAt, endsAt, weekdays, outagesCome, timeZone } = hours;
  return {
    timeZone,
    quietHours: `${formatClock(beginsAt)}–${formatClock(endsAt)}`,
    weekdays: weekdays.join(", "),
    outagesCome,
  };
}
