import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { accountLimits } from "./limits.ts";
import { isPasswordRight } from "./passwords.ts";
import { forgetTries, takeTry } from "./rate-limit.ts";
import type { ProofAsked } from "./schema.ts";
import { hashSecret } from "./secrets.ts";

/** How long after a sign-in a person without a password need not sign in again. */
export const freshSignInMinutes = 10;
/** How long a sign-in, or the password since, stands for being shown secrets. */
export const provenMinutes = 60;

type Person = Extract<Actor, { kind: "user" }>;

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
  if (await hasPassword(db, userId)) return "password";
  return (await readProof(db, userId, sessionId)).isFresh ? "none" : "sign_in";
}

/**
 * Asks that who sits at the session has shown who they are within the last hour, at sign-in or by `proveAgain`: before a
 * secret is shown, which an open browser alone must not do.
 * @throws AppError forbidden (`prove_again`).
 */
export async function requireProven(
  db: Db,
  userId: string,
  sessionId: string | null,
): Promise<void> {
  if ((await readProof(db, userId, sessionId)).isProven) return;
  throw new AppError("forbidden", "It is too long ago that the person showed who they are.", {
    key: "prove_again",
    values: { minutes: provenMinutes },
  });
}

/** Which proof `requireProven` still needs, for the pages that show secrets. */
export async function findProofMissing(
  db: Db,
  userId: string,
  sessionId: string | null,
): Promise<ProofAsked> {
  if ((await readProof(db, userId, sessionId)).isProven) return "none";
  return (await hasPassword(db, userId)) ? "password" : "sign_in";
}

/**
 * Takes the person's password as proof that `requireProven` accepts from now on, for this session alone.
 * @throws AppError as confirmPerson.
 */
export async function proveAgain(db: TransactionalDb, actor: Person, proof: Proof): Promise<void> {
  await confirmPerson(db, actor.id, proof);
  if (proof.sessionId === null) return;
  const idHash = hashSecret(proof.sessionId);
  await db.$transaction(async (tx) => {
    await tx.$executeRaw`
      update sessions set proved_at = now() where id_hash = ${idHash} and user_id = ${actor.id}::uuid`;
    await recordAudit(tx, { actor, action: "person_confirmed" });
  });
}

async function hasPassword(db: Db, userId: string): Promise<boolean> {
  const where = { id: userId, passwordHash: { not: null } };
  return (await db.user.findFirst({ where, select: { id: true } })) !== null;
}

async function requireFresh(db: Db, userId: string, sessionId: string | null): Promise<void> {
  if ((await readProof(db, userId, sessionId)).isFresh) return;
  throw new AppError("forbidden", "The last sign-in is too long ago: sign in again.", {
    key: "sign_in_again",
    values: { minutes: freshSignInMinutes },
  });
}

/** By the primary key of sessions. The database's clock wrote both times, and says what time it is now. */
async function readProof(
  db: Db,
  userId: string,
  sessionId: string | null,
): Promise<{ isFresh: boolean; isProven: boolean }> {
  if (sessionId === null) return { isFresh: false, isProven: false };
  const [row] = await db.$queryRaw<{ isFresh: boolean; isProven: boolean }[]>`
    select created_at > now() - make_interval(mins => ${freshSignInMinutes}::int) as "isFresh",
           proved_at > now() - make_interval(mins => ${provenMinutes}::int) as "isProven"
      from sessions
     where id_hash = ${hashSecret(sessionId)} and user_id = ${userId}::uuid`;
  return row ?? { isFresh: false, isProven: false };
}
