import { AppError } from "#lib/app-error.ts";
import type { Visitor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { defaultLocale, isLocale } from "#lib/messages/locales.ts";
import { lockPerson } from "./lock-person.ts";
import type { SignInMethod, SignInProviderId, Taste } from "./schema.ts";
import { needsCode } from "./second-factor-state.ts";
import { noteProof } from "./session-proof.ts";
import { openSession } from "./sessions.ts";
import { issueAccountToken } from "./tokens.ts";

/** `taste` is the person's own, for the browser that they have signed in with. */
export type SignedIn = { kind: "signed_in"; userId: string; sessionId: string; taste: Taste };

/** A new session, or a token that together with a code of the second factor becomes one. */
export type SignInResult = SignedIn | { kind: "code_needed"; challenge: string };

/** What somebody was known by: the password as it was then, or an account elsewhere that is linked to the one here. */
export type KnownBy = { passwordHash: string } | { provider: SignInProviderId; subject: string };

/**
 * What follows once it is known who it is.
 * @throws AppError unauthenticated when the account was disabled, or what they were `knownBy` is not so any more.
 */
export function beginSession(
  db: TransactionalDb,
  userId: string,
  knownBy: KnownBy,
  visitor: Visitor,
): Promise<SignInResult> {
  const method = "provider" in knownBy ? knownBy.provider : "password";
  return db.$transaction(async (tx) => {
    await lockPerson(tx, userId);
    if (!(await isStillKnown(tx, userId, knownBy))) throw changedMeanwhile();
    if (await needsCode(tx, userId)) {
      const challenge = await issueAccountToken(tx, "second_factor", { userId, detail: method });
      return { kind: "code_needed", challenge };
    }
    return signIn(tx, userId, method, visitor);
  });
}

const isStillKnown = async (tx: Db, userId: string, knownBy: KnownBy): Promise<boolean> =>
  ("provider" in knownBy
    ? await tx.externalAccount.count({ where: { userId, ...knownBy } })
    : await tx.user.count({ where: { id: userId, ...knownBy } })) > 0;

/** Opens the session and writes it down, after `lockPerson`. @throws AppError unauthenticated as beginSession. */
export async function signIn(
  tx: Db,
  userId: string,
  method: SignInMethod,
  visitor: Visitor,
): Promise<SignedIn> {
  const found = await tx.user.findFirst({
    where: { id: userId, disabledAt: null },
    select: { id: true, name: true, isOperator: true, locale: true, theme: true },
  });
  if (found === null) throw changedMeanwhile();
  if (method === "password") await noteProof(tx, userId, null);
  const { locale, theme, ...user } = found;
  const actor = { kind: "user" as const, ...user, from: visitor, session: null };
  await recordAudit(tx, { actor, action: "signed_in", after: { method } });
  return {
    kind: "signed_in",
    userId,
    sessionId: await openSession(tx, userId, { ...visitor, method }),
    taste: { locale: isLocale(locale) ? locale : defaultLocale, theme },
  };
}

const changedMeanwhile = () =>
  new AppError("unauthenticated", "The email address or the password is wrong.", {
    key: "sign_in_wrong",
  });
