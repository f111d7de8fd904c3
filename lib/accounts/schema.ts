import { z } from "zod";
import type { Visitor } from "#lib/audit/actor.ts";
import type { Locale } from "#lib/messages/locales.ts";

/** Length rules only: no composition rules, no forced change (ASVS 6.2). */
export const passwordLengthMin = 12;
export const passwordLengthMax = 128;

// The text of each refusal is a key of the catalogue under `errors.fields`.
export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .min(1, { error: "required" })
  .max(254, { error: "too_long" })
  .pipe(z.email({ error: "email" }));

const NewPassword = z
  .string()
  .min(1, { error: "required" })
  .min(passwordLengthMin, { error: "password_too_short" })
  .max(passwordLengthMax, { error: "password_too_long" });

const PersonName = z.string().trim().min(1, { error: "required" }).max(60, { error: "too_long" });

export const SetUpForm = z.object({ name: PersonName, email: Email, password: NewPassword });
export type SetUpForm = z.infer<typeof SetUpForm>;

/** Whatever was typed is compared, never judged: rules may have been others when the password was made. */
export const SignInForm = z.object({
  email: z.string().trim().toLowerCase().min(1, { error: "required" }).max(254),
  password: z.string().min(1, { error: "required" }).max(1024),
});
export type SignInForm = z.infer<typeof SignInForm>;

/** The signed-in person, as pages know them, and as commands take who acts (`Actor`). */
export type SessionUser = {
  kind: "user";
  id: string;
  email: string;
  name: string;
  isOperator: boolean;
  locale: Locale;
  /** IANA zone; null follows DISPLAY_TIME_ZONE. */
  timeZone: string | null;
  /** Where the request came from; null outside of one. */
  from: Visitor | null;
};
