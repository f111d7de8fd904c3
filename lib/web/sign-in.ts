import "server-only";
import { redirect } from "next/navigation";
import { CredentialsSignin } from "next-auth";
import { beginLinking } from "#lib/accounts/external-accounts.ts";
import type { SessionUser, SignInForm, SignInProviderId } from "#lib/accounts/schema.ts";
import { AppError } from "#lib/app-error.ts";
import { env } from "#lib/env.ts";
import { CodeNeeded, SignInRefused, signIn } from "./auth.ts";
import { database } from "./database.ts";
import { dropFlow, keepFlow, readFlow } from "./flow-cookies.ts";
import { safePath } from "./next-path.ts";
import { endSession } from "./session.ts";
import { readSessionId } from "./session-cookie.ts";

/**
 * Signs a person in through next-auth: a new session, a new cookie. A session that the browser had before ends. Leads to
 * the page for the code where a second factor is on.
 * @throws AppError as signInWithPassword does.
 */
export async function startSession(form: SignInForm): Promise<void> {
  await endSession();
  await enter("credentials", form);
}

/** The second step, with the challenge that the browser carries. @throws AppError as signInWithCode does. */
export async function finishWithCode(code: string): Promise<void> {
  const challenge = (await readFlow("code")) ?? "";
  await enter("code", { challenge, code });
  await dropFlow("code");
}

async function enter(provider: string, fields: Record<string, string>): Promise<void> {
  try {
    await signIn(provider, { ...fields, redirect: false });
  } catch (error) {
    if (error instanceof CodeNeeded) {
      await keepFlow("code", error.challenge);
      redirect("/sign-in/code");
    }
    if (error instanceof SignInRefused) throw error.refusal;
    // Every other error is a defect, such as a database that is away, and not the person's doing.
    if (error instanceof CredentialsSignin) {
      throw new AppError("unauthenticated", "Sign-in was refused.", {
        key: "sign_in_wrong",
        cause: error,
      });
    }
    throw error;
  }
}

/** Sends the browser to a provider's sign-in page, to come back to `next`. @throws AppError unavailable */
export async function startWithProvider(provider: SignInProviderId, next: string): Promise<never> {
  return leaveFor(provider, next);
}

/**
 * The same for a person who is signed in and has to show that they are there. OpenID Connect servers are asked not to be
 * content with a sign-in of their own that still lasts (`prompt`, OpenID Connect Core 3.1.2.1); the others know no such wish.
 */
export async function startAgainWithProvider(
  provider: SignInProviderId,
  next: string,
): Promise<never> {
  // For the page of the second factor, which comes in between.
  await keepFlow("next", next);
  return leaveFor(provider, next, provider === "oidc" ? { prompt: "login" } : {});
}

/** The same to link the provider to the person, which their browser carries a token for. */
export async function startLinking(user: SessionUser, provider: SignInProviderId): Promise<never> {
  const token = await beginLinking(database().db, user, provider, await readSessionId());
  await keepFlow("link", token);
  return leaveFor(provider, "/console/profile/security");
}

async function leaveFor(
  provider: SignInProviderId,
  redirectTo: string,
  wishes: Record<string, string> = {},
): Promise<never> {
  if (!env().signInProviders.some(({ id }) => id === provider)) {
    throw new AppError("not_found", "This provider is not configured.");
  }
  const url: string = await signIn(provider, { redirectTo, redirect: false }, wishes).catch(
    (error: unknown) => {
      throw new AppError("unavailable", "The provider could not be reached.", {
        key: "provider_away",
        cause: error,
      });
    },
  );
  // next-auth leads back to our own pages when the provider could not be asked where its sign-in page is.
  if (new URL(url).origin === new URL(env().baseUrl).origin) {
    throw new AppError("unavailable", "The provider could not be reached.", {
      key: "provider_away",
    });
  }
  redirect(url);
}

/** Remembers where a person wanted to go before they were asked to sign in; an earlier wish is forgotten. */
export async function keepNext(next: string): Promise<void> {
  const path = safePath(next);
  if (path !== null) await keepFlow("next", path);
  else if ((await readFlow("next")) !== null) await dropFlow("next");
}

/** Where that is; null when nobody wanted to go anywhere. */
export const readNextPath = async (): Promise<string | null> => safePath(await readFlow("next"));

/** The same, or the start page; forgotten once asked. */
export async function takeNextPath(): Promise<string> {
  const path = await readNextPath();
  if (path !== null) await dropFlow("next");
  return path ?? "/console";
}
