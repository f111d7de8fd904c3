import type { Db } from "#lib/db.ts";
import { defaultLocale, isLocale, type Locale } from "#lib/messages/locales.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import type { PostAccountMail, SecurityChange } from "./mail.ts";
import type { EndedAccess, KeptAccess } from "./schema.ts";

/** How a person is written to. */
export type Addressee = { to: string; locale: Locale; timeZone: string | null };

export const addresseeFields = { email: true, locale: true, timeZone: true } as const;

export function addresseeOf(user: {
  email: string;
  locale: string;
  timeZone: string | null;
}): Addressee {
  const { email, locale, timeZone } = user;
  return { to: email, locale: isLocale(locale) ? locale : defaultLocale, timeZone };
}

/** Tells a person what was changed in their account, in case it was somebody else. */
export async function tellSecurityChange(
  tx: Db,
  post: PostAccountMail,
  userId: string,
  change: SecurityChange,
  detail: string | null = null,
  { ended = [], kept = [] }: { ended?: readonly EndedAccess[]; kept?: readonly KeptAccess[] } = {},
): Promise<void> {
  const user = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: addresseeFields });
  await post(tx, {
    kind: "security",
    ...addresseeOf(user),
    path: "/console/profile/security",
    change,
    detail,
    at: await databaseTime(tx),
    ended,
    kept,
  });
}
