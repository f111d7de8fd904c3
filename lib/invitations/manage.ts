import { requireOperatorRight } from "#lib/accounts/hold-actor.ts";
import type { PostAccountMail } from "#lib/accounts/mail.ts";
import { takeMailTries } from "#lib/accounts/mail-limits.ts";
import { requireProof } from "#lib/accounts/recent-proof.ts";
import type { SessionUser } from "#lib/accounts/schema.ts";
import { hashSecret, newSecret } from "#lib/accounts/secrets.ts";
import { findStanding } from "#lib/accounts/standing-invitations.ts";
import { AppError } from "#lib/app-error.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { changeRoles, placeOf } from "#lib/members/change-roles.ts";
import type { Place } from "#lib/place.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { invitationEnd, mailInvitation } from "./mail-invitation.ts";
import { wherePending, wherePlace } from "./queries.ts";

/**
 * Mails an invitation again: with a new link, another week, and the old link dead. One that has ended with its sender's
 * right is from now on that of who sends it again. `place` null: an operator's.
 * @throws AppError rate_limited; as changeRoles and requireProof; conflict when it was accepted or cancelled meanwhile.
 */
export async function sendInvitationAgain(
  db: TransactionalDb,
  post: PostAccountMail,
  actor: SessionUser,
  place: Place | null,
  invitationId: string,
): Promise<{ email: string }> {
  return within(db, actor, place, async (tx) => {
    await requireProof(tx, actor);
    const where = { id: invitationId, ...wherePlace(place), ...wherePending };
    const row = await tx.invitation.findFirst({ where, select: { email: true } });
    if (row === null) throw gone();
    await takeMailTries(tx, { to: row.email, personId: actor.id });
    const token = newSecret();
    const sentAt = await databaseTime(tx);
    const isStanding = (await findStanding(tx, [invitationId])).has(invitationId);
    const sender = isStanding ? {} : { invitedById: actor.id };
    const { count } = await tx.invitation.updateMany({
      where,
      data: {
        ...{ tokenHash: hashSecret(token), ...sender },
        ...{ expiresAt: invitationEnd(sentAt), sentAt },
      },
    });
    if (count === 0) throw gone();
    await mailInvitation(tx, post, actor, invitationId, token);
    await record(tx, actor, place, "invitation_sent_again", invitationId);
    return row;
  });
}

/** Takes an invitation back: its link is dead at once. @throws as sendInvitationAgain. */
export async function cancelInvitation(
  db: TransactionalDb,
  actor: SessionUser,
  place: Place | null,
  invitationId: string,
): Promise<void> {
  await within(db, actor, place, async (tx) => {
    const { count } = await tx.invitation.updateMany({
      where: { id: invitationId, ...wherePlace(place), ...wherePending },
      data: { cancelledAt: await databaseTime(tx) },
    });
    if (count === 0) throw gone();
    await record(tx, actor, place, "invitation_cancelled", invitationId);
  });
}

function within<T>(
  db: TransactionalDb,
  actor: SessionUser,
  place: Place | null,
  change: (tx: Db) => Promise<T>,
): Promise<T> {
  if (place !== null) return changeRoles(db, actor, place, change);
  return db.$transaction(async (tx) => {
    await requireOperatorRight(tx, actor);
    return change(tx);
  });
}

function record(
  tx: Db,
  actor: SessionUser,
  place: Place | null,
  action: "invitation_sent_again" | "invitation_cancelled",
  id: string,
): Promise<void> {
  const where = place === null ? {} : placeOf(place);
  return recordAudit(tx, { actor, action, ...where, target: { kind: "invitation", id } });
}

const gone = () =>
  new AppError("conflict", "This invitation was accepted or cancelled in the meantime.", {
    key: "invitation_gone",
  });
