import { AppError } from "#lib/app-error.ts";
import { type Actor, type Visitor, visitorActor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { forgetSignInTries, signInLimits, takeTry } from "#lib/limits/rate-limit.ts";
import type { Locale } from "#lib/messages/locales.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { beginSession, type SignInResult } from "./begin-session.ts";
import { countedAddress } from "./limits.ts";
import { hashPassword, isPasswordRight } from "./passwords.ts";
import { hasAnyUser } from "./queries.ts";
import { recordRefusedSignIn } from "./record-refused-sign-in.ts";
import type { SetUpForm, SignInForm, Taste } from "./schema.ts";

/** Any number, the same for every process: whoever holds it decides whether the first account exists. */
export const setUpLock = 7_046_206;

/**
 * Makes the first account, an operator. Two visitors who submit at once are put in line by a lock of the database.
 * @throws AppError conflict when somebody has an account already.
 */
export async function setUpOperator(
  db: TransactionalDb,
  form: SetUpForm & Taste,
  from: Visitor | null,
): Promise<{ userId: string }> {
  // Before the hash is made, which is dear: anybody may ask for it again and again.
  if (await hasAnyUser(db)) throw setUpDone();
  const passwordHash = await hashPassword(form.password);
  return db.$transaction(async (tx) => {
    await tx.$queryRaw`select 1 from (select pg_advisory_xact_lock(${setUpLock}::bigint)) as turn`;
    if (await hasAnyUser(tx)) throw setUpDone();
    const { userId } = await insertOperator(tx, form, passwordHash);
    const target = { kind: "user" as const, id: userId, name: form.name };
    await recordAudit(tx, { actor: visitorActor(from), action: "set_up", target });
    return { userId };
  });
}

const setUpDone = () =>
  new AppError("conflict", "Setup is already done: sign in instead.", { key: "set_up_done" });

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
    throw new AppError("conflict", `${form.email} already has an account.`, {
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
  form: SetUpForm & Partial<Taste>,
  passwordHash: string,
): Promise<{ userId: string }> {
  const { id } = await db.user.create({
    data: {
      email: form.email,
      name: form.name,
      passwordHash,
      isOperator: true,
      // Whoever installs the product vouches for the address.
      emailVerifiedAt: await databaseTime(db),
      ...(form.locale === undefined ? {} : { locale: form.locale }),
      ...(form.theme === undefined ? {} : { theme: form.theme }),
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
  const address = countedAddress(visitor);
  if (address !== null) await takeTry(db, signInLimits.address, address);
  // The minute first: what it refuses does not use up the hour.
  await takeTry(db, signInLimits.account, form.email);
  await takeTry(db, signInLimits.accountHour, form.email);
  const user = await db.user.findUnique({
    where: { email: form.email },
    select: { id: true, name: true, isOperator: true, passwordHash: true, disabledAt: true },
  });
  const passwordHash = user?.passwordHash ?? null;
  const right = await isPasswordRight(passwordHash, form.password, address ?? form.email);
  if (user === null || passwordHash === null || !right || user.disabledAt !== null) {
    const reason =
      user === null ? "unknown_address" : right ? "account_disabled" : "password_wrong";
    await recordRefusedSignIn(db, visitor, { user, method: "password", reason });
    throw new AppError("unauthenticated", "The email address or the password is wrong.", {
      key: "sign_in_wrong",
    });
  }
  await forgetSignInTries(db, form.email);
  return beginSession(db, user.id, { passwordHash }, visitor);
}
