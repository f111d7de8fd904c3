import { type Addressee, addresseeFields, addresseeOf } from "#lib/accounts/addressee.ts";
import { accountLimits } from "#lib/accounts/limits.ts";
import type { PostAccountMail } from "#lib/accounts/mail.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { hashSecret } from "#lib/accounts/secrets.ts";
import { AppError } from "#lib/app-error.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { takeTry } from "#lib/limits/rate-limit.ts";
import { placeOf } from "#lib/members/change-roles.ts";
import type { NamedPlace } from "#lib/place.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { invitedPlace, placeFields, wherePending } from "./queries.ts";

const readersMax = 20;

/**
 * Asks, by mail, to invite the address of the person who opened the link instead: the inviter, or where they may invite
 * nobody there any more, the Admins of the place (for the console alone: operators).
 * @throws AppError rate_limited; conflict when the invitation is gone, or nobody is left to ask.
 */
export async function askInviter(
  db: TransactionalDb,
  post: PostAccountMail,
  user: SessionUser,
  token: string,
): Promise<void> {
  await takeTry(db, accountLimits.askInviter, user.id);
  const row = await db.invitation.findFirst({
    where: {
      tokenHash: hashSecret(token),
      ...wherePending,
      expiresAt: { gt: await databaseTime(db) },
    },
    select: { id: true, email: true, invitedById: true, ...placeFields },
  });
  if (row === null) {
    throw new AppError("conflict", "The invitation is gone.", { key: "invitation_used" });
  }
  const place = invitedPlace(row);
  const readers = await findReaders(db, place, row.invitedById);
  if (readers.length === 0) {
    throw new AppError("conflict", "There is nobody left to ask.", { key: "inviter_gone" });
  }
  await db.$transaction(async (tx) => {
    for (const reader of readers) {
      await post(tx, {
        kind: "invitation_asked",
        ...reader,
        path: askedPath(place),
        placeName: place?.name ?? "Tocsin",
        email: user.email,
        invited: row.email,
      });
    }
    await recordAudit(tx, {
      actor: user,
      action: "inviter_asked",
      ...(place === null ? {} : placeOf(place)),
      target: { kind: "invitation", id: row.id },
    });
  });
}

const askedPath = (place: NamedPlace | null): string =>
  place === null ? "/console/operations/invitations" : `/console/${place.kind}/${place.id}/roles`;

/** Who may invite there: the inviter alone, if they still may, else all. */
async function findReaders(
  db: Db,
  place: NamedPlace | null,
  inviterId: string | null,
): Promise<Addressee[]> {
  const users = await db.user.findMany({
    where: { disabledAt: null, ...mayInvite(place, inviterId) },
    orderBy: { id: "asc" },
    select: { id: true, ...addresseeFields },
  });
  const inviter = users.filter(({ id }) => id === inviterId);
  return (inviter.length > 0 ? inviter : users).slice(0, readersMax).map(addresseeOf);
}

/** Operators invite to any provider, but none of those who did not is asked to. */
function mayInvite(place: NamedPlace | null, inviterId: string | null) {
  if (place === null) return { isOperator: true };
  const role = "admin" as const;
  if (place.kind === "channel") return { channels: { some: { channelId: place.id, role } } };
  const admins = { providers: { some: { providerId: place.id, role } } };
  return inviterId === null ? admins : { OR: [admins, { id: inviterId, isOperator: true }] };
}
