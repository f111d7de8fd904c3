import "server-only";
import type { SignInProvider } from "#lib/accounts/schema.ts";
import { env } from "#lib/env.ts";

/** The providers that people can sign in with, as pages may know them: without their secrets. In the order of the settings. */
export function offeredProviders(): SignInProvider[] {
  return env().signInProviders.map(({ id, name }) => ({ id, name }));
}
