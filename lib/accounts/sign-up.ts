import { AppError } from "#lib/app-error.ts";
import type { Visitor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { takeTry } from "#lib/limits/rate-limit.ts";
import type { Locale } from "#lib/messages/locales.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { isUniqueConflict } from "#lib/unique-conflict.ts";
import { addresseeFields, addresseeOf } from "./addressee.ts";
import { accountLimits, countedAddress } from "./limits.ts";
import type { PostAccountMail } from "./mail.ts";
import { takeMailTries } from "./mail-limits.ts";
import { hashPassword } from "./passwords.ts";
import { linkGone } from "./reset-password.ts";
import type { SignUpMode, Taste } from "./schema.ts";
import { findToken, issueAccountToken, takeToken, tokenLifeMs } from "./tokens.ts";

/** Whether an invitation makes an account for whoever has none: where operators alone make accounts, one of an operator does. */
export const makesAccount = (mode: SignUpMode, inviter: { isOperator: boolean } | null): boolean =>
  mode !== "operator" || inviter?.isOperator === true;

/** As takeResetTry, for sign-up. @throws AppError rate_limited */
export async function takeSignUpTry(
  db: TransactionalDb,
  email: string,
  visitor: Visitor,
): Promise<void> {
  const address = countedAddress(visitor);
  if (address !== null) await takeTry(db, accountLimits.visitor, address);
  await takeTry(db, accountLimits.signUpAddress, email);
  await takeMailTries(db, { to: email });
}

/**
 * Mails a link with which an account is made; whoever has one is told so instead. The account is made behind the link
 * only, so each one's address is verified from the start. To be called after the visitor was answered.
 */
export async function sendSignUpLink(
  db: TransactionalDb,
  post: PostAccountMail,
  form: { email: string; locale: Locale },
): Promise<void> {
  const known = await db.user.findUnique({ where: { email: form.email }, select: addresseeFields });
  await db.$transaction(async (tx) => {
    if (known !== null) {
      await post(tx, { kind: "sign_up_known", ...addresseeOf(known), path: "/sign-in" });
      return;
    }
    const token = await issueAccountToken(tx, "sign_up", { email: form.email });
    await post(tx, {
      kind: "sign_up",
      to: form.email,
      locale: form.locale,
      timeZone: null,
      path: `/sign-up/${token}`,
      hours: tokenLifeMs.sign_up / 3_600_000,
    });
  });
}

/** The address that a sign-up link was sent to, or null. */
export async function findSignUpEmail(db: Db, token: string): Promise<string | null> {
  return (await findToken(db, "sign_up", token))?.email ?? null;
}

/** @throws AppError conflict when the link was used or is too old, or the address has an account by now. */
export async function completeSignUp(
  db: TransactionalDb,
  form: { token: string; name: string; password: string } & Taste,
  from: Visitor,
): Promise<{ userId: string; email: string }> {
  // Before the hash is made: it is dear, and links can be made up.
  if ((await findToken(db, "sign_up", form.token)) === null) throw linkGone();
  const passwordHash = await hashPassword(form.password);
  return db.$transaction(async (tx) => {
    const email = (await takeToken(tx, "sign_up", form.token))?.email ?? null;
    if (email === null) throw linkGone();
    const { name, locale, theme } = form;
    const userId = await insertPerson(tx, { email, name, locale, theme, passwordHash });
    const actor = {
      kind: "user" as const,
      id: userId,
      name,
      isOperator: false,
      from,
      session: null,
    };
    await recordAudit(tx, { actor, action: "account_created" });
    return { userId, email };
  });
}

/**
 * Makes an account whose address is proven; without a password it is signed in to by a provider only.
 * @throws AppError conflict when the address has an account.
 */
export async function insertPerson(
  tx: Db,
  person: { email: string; name: string; passwordHash: string | null } & Taste,
): Promise<string> {
  try {
    const { id } = await tx.user.create({
      data: { ...person, emailVerifiedAt: await databaseTime(tx) },
      select: { id: true },
    });
    return id;
  } catch (error) {
    if (!isUniqueConflict(error)) throw error;
    throw new AppError("conflict", `${person.email} already has an account.`, {
      key: "email_taken",
      values: { email: person.email },
    });
  }
}
