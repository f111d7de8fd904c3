import type { Db } from "#lib/db.ts";
import type { Locale } from "#lib/messages/locales.ts";
import type { EndedAccess, KeptAccess } from "./schema.ts";

/** What happened to an account, told to its owner in case it was somebody else. */
export const securityChanges = [
  "password_changed",
  "email_changed",
  "second_factor_on",
  "second_factor_off",
  "recovery_codes_made",
  "provider_linked",
  "provider_unlinked",
  "account_deleted",
] as const;
export type SecurityChange = (typeof securityChanges)[number];

/** What a mail about an account says. Paths begin with a slash and hold the token, where there is one. */
export type AccountMailContent =
  | { kind: "reset_password"; path: string; minutes: number }
  | { kind: "sign_up"; path: string; hours: number }
  | { kind: "sign_up_known"; path: string }
  | { kind: "verify_email"; path: string; hours: number }
  | { kind: "email_change_old"; path: string; newEmail: string; hours: number }
  | { kind: "email_change_new"; path: string; newEmail: string; hours: number }
  | {
      kind: "invitation";
      path: string;
      /** Null: to the console alone. */
      place: { kind: "channel" | "provider"; name: string; role: string } | null;
      inviter: string;
      days: number;
    }
  | { kind: "invitation_asked"; path: string; placeName: string; email: string; invited: string }
  | {
      kind: "security";
      path: string;
      change: SecurityChange;
      detail: string | null;
      at: Date;
      /** What the change ended, and what beside it still leads into the account: for the owner to look through. */
      ended: readonly EndedAccess[];
      kept: readonly KeptAccess[];
    };

export type AccountMail = AccountMailContent & {
  to: string;
  locale: Locale;
  /** IANA zone of the reader; null follows DISPLAY_TIME_ZONE. */
  timeZone: string | null;
};

/** Mails whose link lets its holder act for the person. */
export const secretMailKinds: readonly AccountMailContent["kind"][] = [
  "reset_password",
  "sign_up",
  "verify_email",
  "email_change_old",
  "email_change_new",
  "invitation",
];

/** Puts a mail into the outbox, within the transaction that made its token. */
export type PostAccountMail = (tx: Db, mail: AccountMail) => Promise<void>;
