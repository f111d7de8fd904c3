import type { Limit } from "./rate-limit.ts";

const hourMs = 3_600_000;

/** Limits of what can be asked for again and again, per subject; reliability.md 3.6. */
export const accountLimits = {
  /** Mails to one address that somebody only has to name. */
  resetAddress: { name: "reset:address", max: 3, windowMs: hourMs },
  signUpAddress: { name: "sign-up:address", max: 3, windowMs: hourMs },
  /** What one visitor (where it can be told) may ask for. */
  visitor: { name: "account-mail:visitor", max: 20, windowMs: hourMs },
  verify: { name: "verify-email:user", max: 3, windowMs: hourMs },
  emailChange: { name: "change-email:user", max: 5, windowMs: hourMs },
  /** Codes of a second factor: of a million, three are right at a time. */
  code: { name: "code:user", max: 5, windowMs: 60_000 },
  codeHour: { name: "code-hour:user", max: 20, windowMs: hourMs },
  /** The own password, asked for again before a change. */
  password: { name: "password:user", max: 5, windowMs: 60_000 },
  invite: { name: "invite:user", max: 50, windowMs: hourMs },
  inviteAddress: { name: "invite:address", max: 10, windowMs: hourMs },
  askInviter: { name: "ask-inviter:user", max: 5, windowMs: hourMs },
} as const satisfies Record<string, Limit>;
