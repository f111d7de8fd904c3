import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import type { Db } from "#lib/db.ts";
import { forgetTries, takeTry } from "#lib/limits/rate-limit.ts";
import { holdPerson } from "./hold-actor.ts";
import { accountLimits } from "./limits.ts";
import { isPasswordRight } from "./passwords.ts";
import type { ProofAsked } from "./schema.ts";
import { sessionKey } from "./session-key.ts";
import { freshSignInMinutes, keyOrNull, noteProof, readProof } from "./session-proof.ts";

type Person = Extract<Actor, { kind: "user" }>;

/** What shows that it is the person, and not just their open browser. */
export type Proof = {
  currentPassword: string;
  /** The session that asks; null outside of one. */
  sessionId: string | null;
};

/** What a proof was checked against: the row may be another one by the time of the change that it is for. */
export type Confirmed = { passwordHash: string | null };

/**
 * Asks for proof of the person before what an open browser alone must not do: the own password; of people who sign in
 * with a provider only, and so have none, a session that began within the last ten minutes. Does not protect from a
 * provider that lets the browser in without asking who sits at it. `holdConfirmed` takes what it returns.
 * @throws AppError rate_limited, invalid (at the field `currentPassword`); forbidden (`sign_in_again`).
 */
export async function confirmPerson(db: Db, userId: string, proof: Proof): Promise<Confirmed> {
  const { passwordHash } = await db.user.findUniqueOrThrow({
    where: { id: userId },
    select: { passwordHash: true },
  });
  if (passwordHash === null) {
    await requireFresh(db, userId, proof.sessionId);
    return { passwordHash };
  }
  await takeTry(db, accountLimits.password, userId);
  if (!(await isPasswordRight(passwordHash, proof.currentPassword))) throw wrongPassword();
  await forgetTries(db, accountLimits.password, userId);
  return { passwordHash };
}

/** Which proof `confirmPerson` would take now, for the forms that lead to it. */
export async function findProofAsked(
  db: Db,
  userId: string,
  sessionId: string | null,
): Promise<ProofAsked> {
  if (await hasPassword(db, userId)) return "password";
  return (await readProof(db, userId, keyOrNull(sessionId))).isFresh ? "none" : "sign_in";
}

/**
 * As confirmPerson, once more inside the transaction that the proof is for: nobody else changes the account until it ends,
 * and what the proof was checked against is still so. Else a thief's change that waits would undo the new password that the
 * owner sets meanwhile. Who typed the password has shown who they are for the next hour, too.
 * @throws AppError as holdActor; invalid (at the field `currentPassword`) when the password was changed meanwhile;
 *   forbidden (`sign_in_again`).
 */
export async function holdConfirmed(
  tx: Db,
  actor: Person,
  { sessionId }: Proof,
  { passwordHash }: Confirmed,
): Promise<void> {
  const session = sessionId === null ? actor.session : sessionKey(sessionId);
  await holdPerson(tx, { ...actor, session });
  if ((await tx.user.count({ where: { id: actor.id, passwordHash } })) === 0) throw wrongPassword();
  if (passwordHash === null) await requireFresh(tx, actor.id, sessionId);
  else await noteProof(tx, actor.id, session);
}

export async function hasPassword(db: Db, userId: string): Promise<boolean> {
  const where = { id: userId, passwordHash: { not: null } };
  return (await db.user.findFirst({ where, select: { id: true } })) !== null;
}

/** @throws AppError forbidden (`sign_in_again`). */
export async function requireFresh(
  db: Db,
  userId: string,
  sessionId: string | null,
): Promise<void> {
  if ((await readProof(db, userId, keyOrNull(sessionId))).isFresh) return;
  throw new AppError("forbidden", "The last sign-in was too long ago: sign in again.", {
    key: "sign_in_again",
    values: { minutes: freshSignInMinutes },
  });
}

const wrongPassword = () =>
  new AppError("invalid", "The password is wrong.", {
    key: "password_wrong",
    details: [{ message: "is wrong", property: "currentPassword" }],
  });
