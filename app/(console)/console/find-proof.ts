import "server-only";
import type { WayBack } from "#components/accounts/sign-in-again.tsx";
import { findProofAsked } from "#lib/accounts/confirm-person.ts";
import { listLinkedProviders } from "#lib/accounts/external-accounts.ts";
import { findProofMissing } from "#lib/accounts/recent-proof.ts";
import { freshSignInMinutes, provenMinutes } from "#lib/accounts/session-proof.ts";
import { database } from "#lib/web/database.ts";
import { readSessionId } from "#lib/web/session-cookie.ts";
import { offeredProviders } from "#lib/web/sign-in-providers.ts";
import { signInAgain } from "./profile/security/actions.ts";

export type MissingProof = "password" | WayBack;
export type ProofForForms = "none" | MissingProof;

/** What the forms of a page of the profile ask for as proof of who is there: the password, nothing more, or to sign in again. */
export async function findProofForForms(userId: string, next: string): Promise<ProofForForms> {
  const asked = await findProofAsked(database().db, userId, await readSessionId());
  return asked === "sign_in" ? wayBack(userId, next, freshSignInMinutes) : asked;
}

/** What a page asks for before it shows a secret; null when who is there has shown who they are within the last hour. */
export async function findProofForSecrets(
  userId: string,
  next: string,
): Promise<MissingProof | null> {
  const missing = await findProofMissing(database().db, userId, await readSessionId());
  if (missing === "none") return null;
  return missing === "sign_in" ? wayBack(userId, next, provenMinutes) : missing;
}

async function wayBack(userId: string, next: string, minutes: number): Promise<WayBack> {
  const linked = await listLinkedProviders(database().db, userId);
  const providers = offeredProviders().filter(({ id }) =>
    linked.some(({ provider }) => provider === id),
  );
  return { providers, next, minutes, action: signInAgain };
}
