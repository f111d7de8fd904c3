import type { Visitor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import type { SignInMethod } from "./schema.ts";
import { needsCode } from "./second-factor.ts";
import { openSession } from "./sessions.ts";
import { issueToken } from "./tokens.ts";

/** A new session, or a token that together with a code of the second factor becomes one. */
export type SignInResult =
  | { kind: "signed_in"; userId: string; sessionId: string }
  | { kind: "code_needed"; challenge: string };

/** What follows once it is known who it is. */
export function beginSession(
  db: TransactionalDb,
  userId: string,
  method: SignInMethod,
  visitor: Visitor,
): Promise<SignInResult> {
  return db.$transaction(async (tx) => {
    if (await needsCode(tx, userId)) {
      const challenge = await issueToken(tx, "second_factor", { userId, detail: method });
      return { kind: "code_needed", challenge };
    }
    return signIn(tx, userId, method, visitor);
  });
}

/** Opens the session and writes it down. */
export async function signIn(
  tx: Db,
  userId: string,
  method: SignInMethod,
  visitor: Visitor,
): Promise<{ kind: "signed_in"; userId: string; sessionId: string }> {
  const user = await tx.user.findUniqueOrThrow({
    where: { id: userId },
    select: { id: true, name: true, isOperator: true },
  });
  const actor = { kind: "user" as const, ...user, from: visitor };
  await recordAudit(tx, { actor, action: "signed_in", after: { method } });
  return {
    kind: "signed_in",
    userId,
    sessionId: await openSession(tx, userId, { ...visitor, method }),
  };
}
