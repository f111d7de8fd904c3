import { AppError } from "#lib/app-error.ts";
import type { Visitor } from "#lib/audit/actor.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { type SignInResult, signIn } from "./begin-session.ts";
import { lockPerson } from "./lock-person.ts";
import { recordRefusedSignIn } from "./record-refused-sign-in.ts";
import { type SignInMethod, signInProviderIds } from "./schema.ts";
import { checkCode } from "./second-factor.ts";
import { findToken, takeToken } from "./tokens.ts";

/**
 * The second step of a sign-in: the challenge says who, the code that it is they. A wrong code leaves the challenge as it is.
 * @throws AppError rate_limited; invalid (at the field `code`); unauthenticated when the first step is too long ago.
 */
export async function signInWithCode(
  db: TransactionalDb,
  encryptionKey: Buffer,
  form: { challenge: string; code: string },
  visitor: Visitor,
): Promise<SignInResult> {
  const begun = await findToken(db, "second_factor", form.challenge);
  const userId = begun?.userId ?? null;
  if (begun === null || userId === null) throw challengeGone();
  const method = methodOf(begun.detail);
  await checkCode(db, encryptionKey, userId, form.code).catch(async (error: unknown) => {
    // Whoever gets as far as this has the password, or the account elsewhere.
    if (error instanceof AppError && error.key === "code_wrong") {
      const select = { id: true, name: true };
      const user = await db.user.findUnique({ where: { id: userId }, select });
      await recordRefusedSignIn(db, visitor, { user, method, reason: error.key });
    }
    throw error;
  });
  return db.$transaction(async (tx) => {
    await lockPerson(tx, userId);
    const taken = await takeToken(tx, "second_factor", form.challenge);
    if (taken === null) throw challengeGone();
    return signIn(tx, userId, method, visitor);
  });
}

export async function isChallenge(db: Db, challenge: string): Promise<boolean> {
  return (await findToken(db, "second_factor", challenge)) !== null;
}

const methodOf = (detail: string | null): SignInMethod =>
  signInProviderIds.find((id) => id === detail) ?? "password";

const challengeGone = () =>
  new AppError("unauthenticated", "Sign in again.", { key: "challenge_gone" });
