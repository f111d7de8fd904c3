import { AppError } from "#lib/app-error.ts";
import { type Visitor, visitorActor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { forgetSignInTries, takeTry } from "#lib/limits/rate-limit.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { addresseeFields, addresseeOf, tellSecurityChange } from "./addressee.ts";
import { endBegun, listKept, unlinkUnproved } from "./end-begun.ts";
import { accountLimits, countedAddress } from "./limits.ts";
import { lockPerson } from "./lock-person.ts";
import type { PostAccountMail } from "./mail.ts";
import { hashPassword } from "./passwords.ts";
import { wordsOf } from "./reset-report.ts";
import type { EndedAccess, KeptAccess } from "./schema.ts";
import { closeAllSessions } from "./sessions.ts";
import { findToken, issueAccountToken, takeToken, tokenLifeMs } from "./tokens.ts";
import { endInvitations } from "./ways-given.ts";

/**
 * Counts a request for a mail by the address it names, whether or not somebody has it, and by the visitor.
 * @throws AppError rate_limited
 */
export async function takeResetTry(
  db: TransactionalDb,
  email: string,
  visitor: Visitor,
): Promise<void> {
  const address = countedAddress(visitor);
  if (address !== null) await takeTry(db, accountLimits.visitor, address);
  await takeTry(db, accountLimits.resetAddress, email);
}

/**
 * Mails a link to choose a new password, if the address is somebody's. To be called after the visitor was answered: how
 * long it takes would tell who has an account.
 */
export async function sendResetLink(
  db: TransactionalDb,
  post: PostAccountMail,
  email: string,
  from: Visitor,
): Promise<void> {
  const user = await db.user.findUnique({
    where: { email },
    select: { id: true, name: true, disabledAt: true, ...addresseeFields },
  });
  if (user === null || user.disabledAt !== null) return;
  await db.$transaction(async (tx) => {
    const token = await issueAccountToken(tx, "reset_password", { userId: user.id, email });
    await post(tx, {
      kind: "reset_password",
      ...addresseeOf(user),
      path: `/reset-password/${token}`,
      minutes: tokenLifeMs.reset_password / 60_000,
    });
    const target = { kind: "user" as const, id: user.id, name: user.name };
    await recordAudit(tx, { actor: visitorActor(from), action: "password_reset_asked", target });
  });
}

export async function isResetToken(db: TransactionalDb, token: string): Promise<boolean> {
  return (await findToken(db, "reset_password", token)) !== null;
}

/**
 * Sets a new password. Holding the token proves the mailbox, and whoever else got into the account is put out of it: every
 * session ends, whatever was begun (`endBegun`), invitations that nobody took up, and the ways to sign in that were linked
 * on the strength of an open session alone. The owner is told what ended and what stays. A second factor that is on stays, whoever turned it on: it is
 * there to withstand whoever has the mailbox.
 * @throws AppError conflict when the link was used, is too old, or the address was changed since.
 */
export async function resetPassword(
  db: TransactionalDb,
  post: PostAccountMail,
  form: { token: string; password: string },
  from: Visitor,
): Promise<{ ended: EndedAccess[]; kept: KeptAccess[] }> {
  const { userId, email } = (await findToken(db, "reset_password", form.token)) ?? {};
  // Before the hash is made: it is dear, and links can be made up.
  if (userId == null || email == null) throw linkGone();
  const passwordHash = await hashPassword(form.password);
  const outcome = await db.$transaction(async (tx) => {
    await lockPerson(tx, userId);
    if ((await takeToken(tx, "reset_password", form.token)) === null) throw linkGone();
    const { count } = await tx.user.updateMany({
      where: { id: userId, email, disabledAt: null },
      data: { passwordHash },
    });
    if (count === 0) throw linkGone();
    await tx.user.updateMany({
      where: { id: userId, emailVerifiedAt: null },
      data: { emailVerifiedAt: await databaseTime(tx) },
    });
    const ended = [
      ...(await endBegun(tx, userId)),
      ...(await endInvitations(tx, userId)),
      ...(await unlinkUnproved(tx, userId)),
    ];
    const kept = await listKept(tx, userId);
    await closeAllSessions(tx, userId);
    const { name, isOperator } = await tx.user.findUniqueOrThrow({
      where: { id: userId },
      select: { name: true, isOperator: true },
    });
    const actor = { kind: "user" as const, id: userId, name, isOperator, from, session: null };
    const after = { reset: true, ...(ended.length === 0 ? {} : { ended: wordsOf(ended) }) };
    await recordAudit(tx, { actor, action: "password_changed", after });
    await tellSecurityChange(tx, post, userId, "password_changed", null, { ended, kept });
    return { ended, kept };
  });
  // Whoever guessed at the old one must not keep the person out with the new one.
  await forgetSignInTries(db, email);
  return outcome;
}

/** A link that was used, replaced by a newer one, or is too old. */
export const linkGone = () =>
  new AppError("conflict", "This link was already used, or is too old. Ask for a new one.", {
    key: "link_gone",
  });
