import { accountLimits } from "#lib/accounts/limits.ts";
import type { PostAccountMail } from "#lib/accounts/mail.ts";
import { takeTry } from "#lib/accounts/rate-limit.ts";
import { readerFields, readerOf } from "#lib/accounts/reader.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { hashSecret } from "#lib/accounts/secrets.ts";
import { AppError } from "#lib/app-error.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { invitedPlace, placeFields, wherePending } from "./queries.ts";

/**
 * Asks the inviter, by mail, to invite the address of the person who opened the link instead.
 * @throws AppError rate_limited; conflict when the invitation or the inviter is gone.
 */
export async function askInviter(
  db: TransactionalDb,
  post: PostAccountMail,
  user: SessionUser,
  token: string,
): Promise<void> {
  await takeTry(db, accountLimits.askInviter, user.id);
  const row = await db.invitation.findFirst({
    where: { tokenHash: hashSecret(token), ...wherePending, expiresAt: { gt: new Date() } },
    select: { email: true, invitedBy: { select: readerFields }, ...placeFields },
  });
  if (row === null || row.invitedBy === null) {
    throw new AppError("conflict", "The invitation or the inviter is gone.", {
      key: "invitation_used",
    });
  }
  const place = invitedPlace(row);
  await post(db, {
    kind: "invitation_asked",
    ...readerOf(row.invitedBy),
    path: place === null ? "/console" : `/console/${place.kind}/${place.id}/roles`,
    placeName: place?.name ?? "Tocsin",
    email: user.email,
    invited: row.email,
  });
}
