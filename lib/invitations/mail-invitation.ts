import { addresseeFields, addresseeOf } from "#lib/accounts/addressee.ts";
import type { PostAccountMail } from "#lib/accounts/mail.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import type { Db } from "#lib/db.ts";
import { harmlessName } from "#lib/harmless-name.ts";
import { invitedPlace, placeFields } from "./queries.ts";
import { invitationLifeDays } from "./schema.ts";

/** When an invitation sent at this time ends. */
export const invitationEnd = (sentAt: Date): Date =>
  new Date(sentAt.getTime() + invitationLifeDays * 24 * 3_600_000);

/** In the language of the invited, where they have an account; else in the inviter's. */
export async function mailInvitation(
  tx: Db,
  post: PostAccountMail,
  actor: SessionUser,
  invitationId: string,
  token: string,
): Promise<void> {
  const { email, role, ...row } = await tx.invitation.findUniqueOrThrow({
    where: { id: invitationId },
    select: { email: true, role: true, ...placeFields },
  });
  const known = await tx.user.findUnique({ where: { email }, select: addresseeFields });
  const place = invitedPlace(row);
  await post(tx, {
    kind: "invitation",
    ...(known === null ? { to: email, locale: actor.locale, timeZone: null } : addresseeOf(known)),
    path: `/invitation/${token}`,
    place: place &&
      role && { kind: place.kind, name: harmlessName(place.name), role: roleNames[role] },
    inviter: harmlessName(actor.name),
    days: invitationLifeDays,
  });
}

/** As the platform's console names them in every language. */
const roleNames = { admin: "Admin", member: "Member", tester: "Tester" } as const;
