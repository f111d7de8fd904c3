import type { Db } from "#lib/db.ts";
import { type Limit, takeTry } from "#lib/limits/rate-limit.ts";

const hourMs = 3_600_000;

/**
 * The limits of everything that mails an address which somebody typed: invitations, confirmations of a channel's address, the
 * new address of an account, links to sign up. Who owns the address did not ask, so what counts is not which of them it is.
 * Links for new passwords go to addresses of accounts only, and have a limit of their own (limits.ts).
 */
export const mailLimits = {
  channel: { name: "mail:channel", max: 5, windowMs: hourMs },
  address: { name: "mail:address", max: 10, windowMs: hourMs },
  addressDay: { name: "mail:address-day", max: 30, windowMs: 24 * hourMs },
  person: { name: "mail:person", max: 50, windowMs: hourMs },
} as const satisfies Record<string, Limit>;

/**
 * Uses up one mail to `to`, and of whoever causes it where that is known. Within a transaction that is rolled back nothing
 * is used up. Does not protect an address from those of many installations, or from mails that its owner's account gets.
 * @throws AppError rate_limited with the seconds to wait.
 */
export async function takeMailTries(
  db: Db,
  { to, personId, channelId }: { to: string; personId?: string; channelId?: string },
): Promise<void> {
  const address = to.toLowerCase();
  if (channelId !== undefined) await takeTry(db, mailLimits.channel, channelId);
  if (personId !== undefined) await takeTry(db, mailLimits.person, personId);
  await takeTry(db, mailLimits.address, address);
  await takeTry(db, mailLimits.addressDay, address);
}
