import "server-only";
import { AuthError } from "next-auth";
import type { SignInForm } from "#lib/accounts/schema.ts";
import { AppError } from "#lib/app-error.ts";
import { SignInRefused, signIn } from "./auth.ts";
import { endSession } from "./session.ts";

/**
 * Signs a person in through next-auth: a new session, a new cookie. A session that the browser had before ends.
 * @throws AppError as signInWithPassword does.
 */
export async function startSession(form: SignInForm): Promise<void> {
  await endSession();
  try {
    await signIn("credentials", { ...form, redirect: false });
  } catch (error) {
    if (error instanceof SignInRefused) throw error.refusal;
    if (error instanceof AuthError) {
      throw new AppError("unauthenticated", "Sign-in was refused.", {
        key: "sign_in_wrong",
        cause: error,
      });
    }
    throw error;
  }
}
