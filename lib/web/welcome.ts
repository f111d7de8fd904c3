import "server-only";
import { headers } from "next/headers";
import type { Account, Profile, User } from "next-auth";
import {
  type ExternalIdentity,
  linkProvider,
  signInWithProvider,
} from "#lib/accounts/external-accounts.ts";
import type { PostAccountMail } from "#lib/accounts/mail.ts";
import { signInProviderIds } from "#lib/accounts/schema.ts";
import { closeSession, findSessionUser } from "#lib/accounts/sessions.ts";
import { AppError } from "#lib/app-error.ts";
import { env } from "#lib/env.ts";
import { database } from "./database.ts";
import { dropFlow, keepFlow, readFlow } from "./flow-cookies.ts";
import { logDefect } from "./log.ts";
import { readSessionId } from "./session-cookie.ts";
import { chooseTaste, currentTaste } from "./taste.ts";
import { visitorOf } from "./visitor.ts";

/**
 * What next-auth asks when somebody comes back from a provider: true lets it write the session cookie, a path sends the
 * browser there without one. `user` gets the id of the new session, which goes into the cookie. `post` tells of a new link.
 */
export async function welcome(
  post: PostAccountMail,
  user: User & { sessionId?: string },
  account: Account,
  profile: Profile | undefined,
): Promise<true | string> {
  const link = await readFlow("link");
  if (link !== null) await dropFlow("link");
  try {
    const identity = identityOf(user, account, profile);
    return link === null ? await enter(post, user, identity) : await linkTo(post, identity, link);
  } catch (error) {
    const back = (await isSignedIn()) ? "/console/profile/security" : "/sign-in";
    if (error instanceof AppError) return `${back}?refused=${error.key ?? error.code}`;
    logDefect(error, "sign-in through a provider failed");
    return `${back}?refused=provider_failed`;
  }
}

/** Who is signed in already came from the pages of their account; the one for sign-in would send them on without a word. */
async function isSignedIn(): Promise<boolean> {
  const id = await readSessionId();
  return id !== null && (await findSessionUser(database().db, id)) !== null;
}

async function enter(
  post: PostAccountMail,
  user: User & { sessionId?: string },
  identity: ExternalIdentity,
): Promise<true | string> {
  const { db } = database();
  const visitor = visitorOf(await headers(), env().visitorAddressHeader);
  const rule = { mode: env().signUp, taste: await currentTaste() };
  const result = await signInWithProvider(db, post, identity, rule, visitor);
  if (result.kind === "code_needed") {
    await keepFlow("code", result.challenge);
    return "/sign-in/code";
  }
  // The session that this browser had before ends.
  const before = await readSessionId();
  if (before !== null) await closeSession(db, before);
  // next-auth carries where to go; what was kept for the page of the code would lead a later sign-in astray.
  await dropFlow("next");
  await chooseTaste(result.taste);
  user.sessionId = result.sessionId;
  return true;
}

async function linkTo(
  post: PostAccountMail,
  identity: ExternalIdentity,
  token: string,
): Promise<string> {
  const { db } = database();
  const id = await readSessionId();
  const person = id === null ? null : await findSessionUser(db, id);
  if (person === null) return "/sign-in";
  const from = visitorOf(await headers(), env().visitorAddressHeader);
  await linkProvider(db, post, { ...person, from }, identity, token);
  return "/console/profile/security?linked=1";
}

/** `email_verified` is a claim of OpenID Connect; ours for GitHub. Some providers send it as a text. */
function identityOf(user: User, account: Account, profile: Profile | undefined): ExternalIdentity {
  const provider = signInProviderIds.find((id) => id === account.provider);
  if (provider === undefined) throw new AppError("invalid", "This provider is not configured.");
  const claims: { email_verified?: unknown } = profile ?? {};
  return {
    provider,
    subject: account.providerAccountId,
    email: user.email?.trim().toLowerCase() ?? null,
    isEmailVerified: claims.email_verified === true || claims.email_verified === "true",
    name: user.name ?? null,
  };
}
