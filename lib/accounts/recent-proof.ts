import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { confirmPerson, hasPassword, holdConfirmed, type Proof } from "./confirm-person.ts";
import type { ProofAsked } from "./schema.ts";
import { keyOrNull, provenMinutes, readProof } from "./session-proof.ts";

type Person = Extract<Actor, { kind: "user" }>;

/**
 * Asks that who sits at the session has shown who they are within the last hour, at sign-in or by `proveAgain`: before a
 * secret is shown or a way in is given, which an open browser alone must not do.
 * @throws AppError forbidden (`prove_again`).
 */
export async function requireProven(
  db: Db,
  userId: string,
  sessionId: string | null,
): Promise<void> {
  if (!(await readProof(db, userId, keyOrNull(sessionId))).isProven) throw proveFirst();
}

/**
 * The same inside the transaction of a command, of the session that the actor asks by. Programs, and what acts outside of a
 * session (a seed, a test), have none to ask: whether a person has one is the actions' to see to (lib/web/proven-person.ts).
 * @throws AppError forbidden (`prove_again`).
 */
export async function requireProof(tx: Db, actor: Actor): Promise<void> {
  if (actor.kind !== "user" || actor.session === null) return;
  if (!(await readProof(tx, actor.id, actor.session)).isProven) throw proveFirst();
}

/** Which proof `requireProven` still needs, for the pages with what it guards. */
export async function findProofMissing(
  db: Db,
  userId: string,
  sessionId: string | null,
): Promise<ProofAsked> {
  if ((await readProof(db, userId, keyOrNull(sessionId))).isProven) return "none";
  return (await hasPassword(db, userId)) ? "password" : "sign_in";
}

/**
 * Takes the person's password as proof that `requireProven` accepts from now on, for this session alone.
 * @throws AppError as confirmPerson and holdConfirmed.
 */
export async function proveAgain(db: TransactionalDb, actor: Person, proof: Proof): Promise<void> {
  const confirmed = await confirmPerson(db, actor.id, proof);
  if (proof.sessionId === null) return;
  await db.$transaction(async (tx) => {
    await holdConfirmed(tx, actor, proof, confirmed);
    await recordAudit(tx, { actor, action: "person_confirmed" });
  });
}

const proveFirst = () =>
  new AppError("forbidden", "The person last confirmed who they are too long ago.", {
    key: "prove_again",
    values: { minutes: provenMinutes },
  });
