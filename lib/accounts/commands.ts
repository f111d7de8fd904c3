import { AppError } from "#lib/app-error.ts";
import { type Actor, type Visitor, visitorActor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import type { Locale } from "#lib/messages/locales.ts";
import { beginSession, type SignInResult } from "./begin-session.ts";
import { hashPassword, isPasswordRight } from "./passwords.ts";
import { forgetTries, signInLimits, takeTry } from "./rate-limit.ts";
import type { SetUpForm, SignInForm } from "./schema.ts";

/** Any number, the same for every process: whoever holds it decides whether the first account exists. */
export const setUpLock = 7_046_202;

/**
 * Makes the first account, an operator. Two visitors who submit at once are put in line by a lock of the database.
 * @throws AppError conflict when somebody has an account already.
 */
export async function setUpOperator(
  db: TransactionalDb,
  form: SetUpForm & { locale: Locale },
  from: Visitor | null,
): Promise<{ userId: string }> {
  const passwordHash = await hashPassword(form.password);
  return db.$transaction(async (tx) => {
    await tx.$queryRaw`select 1 from (select pg_advisory_xact_lock(${setUpLock}::bigint)) as turn`;
    if ((await tx.user.findFirst({ select: { id: true } })) !== null) {
      throw new AppError("conflict", "Set-up is done already: sign in instead.", {
        key: "set_up_done",
      });
    }
    const { userId } = await insertOperator(tx, form, passwordHash);
    const target = { kind: "user" as const, id: userId, name: form.name };
    await recordAudit(tx, { actor: visitorActor(from), action: "set_up", target });
    return { userId };
  });
}

/**
 * Makes an operator at any time; for the command line.
 * @throws AppError conflict when the address has an account.
 */
export async function createOperator(
  db: TransactionalDb,
  actor: Actor,
  form: SetUpForm & { locale?: Locale },
): Promise<{ userId: string }> {
  const taken = await db.user.findUnique({ where: { email: form.email }, select: { id: true } });
  if (taken !== null) {
    throw new AppError("conflict", `${form.email} has an account already.`, {
      key: "email_taken",
      values: { email: form.email },
    });
  }
  const passwordHash = await hashPassword(form.password);
  return db.$transaction(async (tx) => {
    const { userId } = await insertOperator(tx, form, passwordHash);
    const target = { kind: "user" as const, id: userId, name: form.name };
    await recordAudit(tx, { actor, action: "operator_created", target });
    return { userId };
  });
}

async function insertOperator(
  db: Db,
  form: SetUpForm & { locale?: Locale },
  passwordHash: string,
): Promise<{ userId: string }> {
  const { id } = await db.user.create({
    data: {
      email: form.email,
      name: form.name,
      passwordHash,
      isOperator: true,
      // Whoever installs the product vouches for the address.
      emailVerifiedAt: new Date(),
      ...(form.locale === undefined ? {} : { locale: form.locale }),
    },
    select: { id: true },
  });
  return { userId: id };
}

/**
 * Signs a person in, or asks for the code of their second factor. The try is counted before the password is looked at, so simultaneous
 * tries cannot outrun the limit; `address` is null where it cannot be trusted.
 * @throws AppError rate_limited, or unauthenticated in the same words whatever was wrong.
 */
export async function signInWithPassword(
  db: TransactionalDb,
  form: SignInForm,
  visitor: Visitor,
): Promise<SignInResult> {
  if (visitor.address !== null) await takeTry(db, signInLimits.address, visitor.address);
  await takeTry(db, signInLimits.account, form.email);
  const user = await db.user.findUnique({
    where: { email: form.email },
    select: { id: true, name: true, isOperator: true, passwordHash: true, disabledAt: true },
  });
  const right = await isPasswordRight(user?.passwordHash ?? null, form.password);
  if (user === null || !right || user.disabledAt !== null) {
    await recordRefusedSignIn(db, visitor, user);
    throw new AppError("unauthenticated", "The e-mail address or the password is wrong.", {
      key: "sign_in_wrong",
    });
  }
  await forgetTries(db, signInLimits.account, form.email);
  return beginSession(db, user.id, "password", visitor);
}

/** Unknown addresses too, so that an answer takes as long for them; what was typed is not kept: it may be a password. */
async function recordRefusedSignIn(
  db: Db,
  visitor: Visitor,
  user: { id: string; name: string } | null,
): Promise<void> {
  await recordAudit(db, {
    actor: visitorActor(visitor),
    action: "sign_in_refused",
    result: "refused",
    ...(user === null ? {} : { target: { kind: "user", id: user.id, name: user.name } }),
  });
}

/** Keeps the language a person chose, for mails and for their next browser. */
export async function changeLocale(db: Db, userId: string, locale: Locale): Promise<void> {
  await db.user.updateMany({ where: { id: userId }, data: { locale } });
}
