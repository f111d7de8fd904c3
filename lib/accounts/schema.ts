import { z } from "zod";
import type { Visitor } from "#lib/audit/actor.ts";
import { cleanLine } from "#lib/clean-line.ts";
import { type Locale, locales } from "#lib/messages/locales.ts";
import { type Theme, themes } from "./theme.ts";

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

export const personNameLengthMax = 60;
const PersonName = z
  .string()
  .overwrite(cleanLine)
  .min(1, { error: "required" })
  .max(personNameLengthMax, { error: "too_long" });

export const SetUpForm = z.object({ name: PersonName, email: Email, password: NewPassword });
export type SetUpForm = z.infer<typeof SetUpForm>;

/** Whatever was typed is compared, never judged: rules may have been others when the password was made. */
export const SignInForm = z.object({
  email: z.string().trim().toLowerCase().min(1, { error: "required" }).max(254),
  password: z.string().min(1, { error: "required" }).max(1024),
});
export type SignInForm = z.infer<typeof SignInForm>;

/** The second step of a sign-in. Six digits of the app, or a recovery code; spaces and wide digits are people's way to type them. */
const OneTimeCode = z
  .string()
  .normalize("NFKC")
  .trim()
  .min(1, { error: "required" })
  .max(40, { error: "code" })
  .transform((code) => code.replace(/\s/g, ""));

export const CodeForm = z.object({ challenge: z.string().max(100), code: OneTimeCode });
export const CodeOnlyForm = z.object({ code: OneTimeCode });

export const EmailOnlyForm = z.object({ email: Email });
export const LinkForm = z.object({ token: z.string().min(1).max(100) });
export const ResetPasswordForm = LinkForm.extend({ password: NewPassword });
/** Makes an account behind a link that was mailed. */
export const NewAccountForm = LinkForm.extend({ name: PersonName, password: NewPassword });

const CurrentPassword = z.string().max(1024).default("");
export const ConfirmPasswordForm = z.object({ currentPassword: CurrentPassword });
/** Who has no password to type types the own address, so that a slip of the hand does not end the account. */
export const DeleteAccountForm = ConfirmPasswordForm.extend({
  confirmation: z.string().trim().toLowerCase().max(254).default(""),
});
export const ChangePasswordForm = z.object({
  currentPassword: CurrentPassword,
  password: NewPassword,
});
export const ChangeEmailForm = z.object({ currentPassword: CurrentPassword, newEmail: Email });

export const ThemeForm = z.object({ theme: z.enum(themes) });
export const LocaleForm = z.object({ locale: z.enum(locales) });

/** How the console speaks and looks to a person. */
export type Taste = { locale: Locale; theme: Theme };

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
  theme: Theme;
  isEmailVerified: boolean;
  /** Where the request came from; null outside of one. */
  from: Visitor | null;
  /** The session that asks, by its key in the list of sessions, which is of no use to sign in; null outside of one. */
  session: string | null;
};

/** What a person must show before a change that an open browser alone must not make; `sign_in`: they have no password. */
export type ProofAsked = "password" | "none" | "sign_in";

/** Who may have an account: those who were invited, those whom an operator invited, or anybody with a mailbox. */
export const signUpModes = ["invitation", "operator", "open"] as const;
export type SignUpMode = (typeof signUpModes)[number];

export const signInProviderIds = ["github", "google", "line", "oidc"] as const;
export type SignInProviderId = (typeof signInProviderIds)[number];

/** A configured way to sign in with an account elsewhere, as pages show it. */
export type SignInProvider = { id: SignInProviderId; name: string };

export const SignInProviderForm = z.object({ provider: z.enum(signInProviderIds) });
/** The pages with forms that ask for proof of who is there. */
const proofPages = [
  "/console/profile/basics",
  "/console/profile/security",
  "/console/operations/platform-keys",
  "/console/operations/users",
  "/console/operations/invitations",
] as const;
const placeProofPage =
  /^\/console\/(?:channel\/\d{1,20}\/(?:basics|messaging-api|notifications|roles)|provider\/\d{1,20}\/roles)$/;
export const SignInAgainForm = SignInProviderForm.extend({
  next: z.union([z.enum(proofPages), z.string().regex(placeProofPage)]),
});
export const SessionForm = z.object({ key: z.string().min(1).max(100) });

/**
 * What a new password ended beside the sessions; `detail`: the address that was asked for, the provider, or the invited
 * addresses, newest first.
 */
export type EndedAccess =
  | { what: "email_change"; detail: string }
  | { what: "second_factor_offer" | "sign_in_begun" | "link_begun"; detail: null }
  | { what: "invitations"; detail: readonly string[] }
  | { what: "provider"; detail: SignInProviderId };
/** What stays beside the new password. */
export type KeptAccess =
  | { what: "provider"; detail: SignInProviderId }
  | { what: "second_factor" }
  | GivenAccess;
/** What leads in for others, or for programs, and came from this account: by address, channel or name, the newest first. */
export type GivenAccess = {
  what: "invitations" | "channel_tokens" | "platform_keys";
  detail: readonly string[];
};

const isTimeZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

/** An empty zone follows the installation's. */
export const ProfileForm = z.object({
  name: PersonName,
  locale: z.enum(locales),
  timeZone: z
    .string()
    .trim()
    .max(64)
    .refine((zone) => zone === "" || isTimeZone(zone), { error: "time_zone" })
    .transform((zone) => (zone === "" ? null : zone)),
  theme: z.enum(themes),
});
export type ProfileForm = z.infer<typeof ProfileForm>;

/** How a session began. */
export type SignInMethod = "password" | SignInProviderId;

/** A session as its owner sees it. `key` names it in forms and is of no other use. */
export type SessionEntry = {
  key: string;
  isCurrent: boolean;
  /** Such as "Firefox" and "Windows"; null: unknown. */
  browser: string | null;
  system: string | null;
  address: string | null;
  method: SignInMethod | null;
  createdAt: Date;
  lastSeenAt: Date;
};
