import { takeMailTries } from "#lib/accounts/mail-limits.ts";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { harmlessName } from "#lib/harmless-name.ts";
import { requireChannelRight } from "#lib/members/require-right.ts";
import { defaultLocale, isLocale, type Locale } from "#lib/messages/locales.ts";
import { orderMail } from "#lib/notifications/mail-orders.ts";
import type { MailLink } from "#lib/notifications/mail-token.ts";
import { addressKey } from "#lib/outbox/mail-address.ts";
import { databaseTime } from "#lib/time/database-time.ts";

type Addressed = { id: string; name: string; email: string };

/**
 * After a channel's address was set, in the same transaction: whoever set their own verified address has confirmed it by
 * that; any other gets a mail with a link, and until that is followed the channel's mails do not go there. Programs, which
 * provision many channels of one team, are not refused when the mails are used up: then none is sent, and somebody asks later.
 * @throws AppError rate_limited, for a person, as takeMailTries.
 */
export async function confirmOrAsk(tx: Db, actor: Actor, channel: Addressed): Promise<void> {
  const person = actor.kind === "user" ? await findPerson(tx, actor.id) : null;
  const isOwn =
    person !== null &&
    person.emailVerifiedAt !== null &&
    addressKey(person.email) === addressKey(channel.email);
  await tx.channel.update({
    where: { id: channel.id },
    data: { emailVerifiedAt: isOwn ? await databaseTime(tx) : null },
    select: { id: true },
  });
  if (isOwn || !(await mayMail(tx, actor, channel))) return;
  await ask(tx, channel, isLocale(person?.locale) ? person.locale : defaultLocale);
}

/** Sends the confirmation mail again. @throws AppError rate_limited, conflict when the address is confirmed already; as requireChannelRight. */
export async function askAgain(
  db: TransactionalDb,
  actor: Actor,
  locale: Locale,
  channelId: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    await requireChannelRight(tx, actor, channelId, "manage_notifications");
    const channel = await tx.channel.findFirst({
      where: { id: channelId, emailVerifiedAt: null },
      select: { id: true, name: true, email: true },
    });
    if (channel === null) {
      throw new AppError("conflict", "The address is already confirmed.", {
        key: "address_confirmed_already",
      });
    }
    await takeTries(tx, actor, channel);
    await ask(tx, channel, locale);
    await recordAudit(tx, { actor, action: "address_confirmation_sent", channelId });
  });
}

/** What a link of a confirmation mail still does. */
export type Confirmation =
  | { state: "open" | "done"; channelName: string; email: string }
  | { state: "expired" };

type ConfirmLink = Extract<MailLink, { kind: "confirm" }>;

/** Whether the link still names the channel's address, and whether it was followed before. */
export async function readConfirmation(
  db: Db,
  { channelId, address, until }: ConfirmLink,
): Promise<Confirmation> {
  const channel = await db.channel.findUnique({
    where: { id: channelId },
    select: { name: true, email: true, emailVerifiedAt: true },
  });
  if (channel === null || addressKey(channel.email) !== address) return { state: "expired" };
  const { name: channelName, email } = channel;
  if (channel.emailVerifiedAt !== null) return { state: "done", channelName, email };
  const now = await databaseTime(db);
  return now.getTime() > until ? { state: "expired" } : { state: "open", channelName, email };
}

/**
 * Confirms a channel's address; works once, for the address it was sent to, for 7 days.
 * @throws AppError conflict when the link does not work any more.
 */
export async function confirmAddress(
  db: TransactionalDb,
  actor: Actor,
  link: ConfirmLink,
): Promise<void> {
  const gone = () => new AppError("conflict", "The link no longer works.", { key: "link_expired" });
  await db.$transaction(async (tx) => {
    if ((await databaseTime(tx)).getTime() > link.until) throw gone();
    const count = await tx.$executeRaw`
      update channels set email_verified_at = now()
       where id = ${link.channelId} and lower(email) = ${link.address} and email_verified_at is null`;
    if (count === 0) throw gone();
    await recordAudit(tx, {
      actor,
      action: "channel_address_confirmed",
      channelId: link.channelId,
    });
  });
}

const findPerson = (tx: Db, id: string) =>
  tx.user.findUnique({
    where: { id },
    select: { email: true, emailVerifiedAt: true, locale: true },
  });

const takeTries = (tx: Db, actor: Actor, { id: channelId, email: to }: Addressed): Promise<void> =>
  takeMailTries(tx, { to, channelId, ...(actor.kind === "user" ? { personId: actor.id } : {}) });

async function mayMail(tx: Db, actor: Actor, channel: Addressed): Promise<boolean> {
  try {
    await takeTries(tx, actor, channel);
    return true;
  } catch (error) {
    if (actor.kind !== "user" && error instanceof AppError) return false;
    throw error;
  }
}

async function ask(tx: Db, channel: Addressed, locale: Locale): Promise<void> {
  await orderMail(tx, {
    kind: "confirm_address",
    channelId: channel.id,
    recipient: channel.email,
    locale,
    timeZone: null,
    params: { channelName: harmlessName(channel.name) },
  });
}
