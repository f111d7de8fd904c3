import "server-only";
import type { WayBack } from "#components/accounts/sign-in-again.tsx";
import { findProofAsked, freshSignInMinutes } from "#lib/accounts/confirm-person.ts";
import { listLinkedProviders } from "#lib/accounts/external-accounts.ts";
import type { proofPages } from "#lib/accounts/schema.ts";
import { env } from "#lib/env.ts";
import { database } from "#lib/web/database.ts";
import { readSessionId } from "#lib/web/session-cookie.ts";
import { signInAgain } from "./security/actions.ts";

export type ProofForForms = "password" | "none" | WayBack;

/** What the forms of a page ask for as proof of who is there: the password, nothing more, or to sign in again. */
export async function findProofForForms(
  userId: string,
  next: (typeof proofPages)[number],
): Promise<ProofForForms> {
  const { db } = database();
  const asked = await findProofAsked(db, userId, await readSessionId());
  if (asked !== "sign_in") return asked;
  const linked = await listLinkedProviders(db, userId);
  const providers = env()
    .signInProviders.filter(({ id }) => linked.some(({ provider }) => provider === id))
    .map(({ id, name }) => ({ id, name }));
  return { providers, next, minutes: freshSignInMinutes, action: signInAgain };
}
