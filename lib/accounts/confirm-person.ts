import { AppError } from "#lib/app-error.ts";
import type { Db } from "#lib/db.ts";
import { accountLimits } from "./limits.ts";
import { isPasswordRight } from "./passwords.ts";
import { forgetTries, takeTry } from "./rate-limit.ts";
import type { ProofAsked } from "./schema.ts";
import { hashSecret } from "./secrets.ts";

/** How long after a sign-in a person without a password need not sign in again. */
export const freshSignInMinutes = 10;

/** What shows that it is the person, and not just their open browser. */
export type Proof = {
  currentPassword: string;
  /** The session that asks; null outside of one. */
  sessionId: string | null;
};

/**
 * Asks for proof of the person before what an open browser alone must not do: the own password; of people who sign in
 * with a provider only, and so have none, a session that began within the last ten minutes. Does not protect from a
 * provider that lets the browser in without asking who sits at it.
 * @throws AppError rate_limited, invalid (at the field `currentPassword`); forbidden (`sign_in_again`).
 */
export async function confirmPerson(db: Db, userId: string, proof: Proof): Promise<void> {
  const { passwordHash } = await db.user.findUniqueOrThrow({
    where: { id: userId },
    select: { passwordHash: true },
  });
  if (passwordHash === null) return requireFresh(db, userId, proof.sessionId);
  await takeTry(db, accountLimits.password, userId);
  if (!(await isPasswordRight(passwordHash, proof.currentPassword))) {
    throw new AppError("invalid", "The password is wrong.", {
      key: "password_wrong",
      details: [{ message: "is wrong", property: "currentPassword" }],
    });
  }
  await forgetTries(db, accountLimits.password, userId);
}

/**
 * For what people with a password may do without it, but what would spare those without one the proof.
 * @throws AppError forbidden (`sign_in_again`).
 */
export async function confirmWhoHasNoPassword(
  db: Db,
  userId: string,
  sessionId: string | null,
): Promise<void> {
  const { passwordHash } = await db.user.findUniqueOrThrow({
    where: { id: userId },
    select: { passwordHash: true },
  });
  if (passwordHash === null) await requireFresh(db, userId, sessionId);
}

/** Which proof `confirmPerson` would take now, for the forms that lead to it. */
export async function findProofAsked(
  db: Db,
  userId: string,
  sessionId: string | null,
): Promise<ProofAsked> {
  const where = { id: userId, passwordHash: { not: null } };
  if ((await db.user.findFirst({ where, select: { id: true } })) !== null) return "password";
  return (await isFresh(db, userId, sessionId)) ? "none" : "sign_in";
}

async function requireFresh(db: Db, userId: string, sessionId: string | null): Promise<void> {
  if (await isFresh(db, userId, sessionId)) return;
  throw new AppError("forbidden", "The last sign-in is too long ago: sign in again.", {
    key: "sign_in_again",
    values: { minutes: freshSignInMinutes },
  });
}

/** By the primary key of sessions. The database's clock wrote when it began, and says what time it is now. */
async function isFresh(db: Db, userId: string, sessionId: string | null): Promise<boolean> {
  if (sessionId === null) return false;
  const rows = await db.$queryRaw<unknown[]>`
    select 1 from sessions
     where id_hash = ${hashSecret(sessionId)} and user_id = ${userId}::uuid
       and created_at > now() - make_interval(mins => ${freshSignInMinutes}::int)`;
  return rows.length > 0;
}
