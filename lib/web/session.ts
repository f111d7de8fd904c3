import "server-only";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { hasAnyUser } from "#lib/accounts/queries.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { closeSession, findSessionUser } from "#lib/accounts/sessions.ts";
import type { Visitor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import { env } from "#lib/env.ts";
import { signOut } from "./auth.ts";
import { database } from "./database.ts";
import { askedPathHeader, signInPath } from "./next-path.ts";
import { readSessionId } from "./session-cookie.ts";
import { visitorOf } from "./visitor.ts";

/** Where the request at hand came from, for limits and the audit log. */
export async function requestVisitor(): Promise<Visitor> {
  return visitorOf(await headers(), env().visitorAddressHeader);
}

/** The signed-in person, looked up once per request; null when nobody is signed in. */
export const currentUser = cache(async (): Promise<SessionUser | null> => {
  const id = await readSessionId();
  if (id === null) return null;
  const from = await requestVisitor();
  const user = await findSessionUser(database().db, id, { address: from.address });
  return user === null ? null : { ...user, from };
});

/** The path and query of the request at hand; null where the proxy was not asked. */
export async function askedPath(): Promise<string | null> {
  return (await headers()).get(askedPathHeader);
}

/**
 * The signed-in person, or a redirect to sign-in, which leads back to the page at hand (to set-up while nobody has an account).
 */
export async function requireUser(): Promise<SessionUser> {
  const user = await currentUser();
  if (user !== null) return user;
  await requireSetUp();
  redirect(signInPath(await askedPath()));
}

const shared: typeof globalThis & { tocsinIsSetUp?: boolean } = globalThis;

/** Whether the first account exists. Once it does it is remembered: accounts do not go back to none. */
export async function isSetUp(): Promise<boolean> {
  shared.tocsinIsSetUp ||= await hasAnyUser(database().db);
  return shared.tocsinIsSetUp;
}

export async function requireSetUp(): Promise<void> {
  if (!(await isSetUp())) redirect("/setup");
}

/** Ends the session in the database first, so that a copied cookie is dead too. */
export async function endSession(): Promise<void> {
  const id = await readSessionId();
  const user = await currentUser();
  const { db } = database();
  await db.$transaction(async (tx) => {
    if (id !== null) await closeSession(tx, id);
    if (user !== null) await recordAudit(tx, { actor: user, action: "signed_out" });
  });
  await signOut({ redirect: false });
}
