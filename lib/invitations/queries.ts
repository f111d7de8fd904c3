import type { SignUpMode } from "#lib/accounts/schema.ts";
import { hashSecret } from "#lib/accounts/secrets.ts";
import { makesAccount } from "#lib/accounts/sign-up.ts";
import { findStanding } from "#lib/accounts/standing-invitations.ts";
import type { Db } from "#lib/db.ts";
import type { NamedPlace, Place } from "#lib/place.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import type { InvitationOffer, PendingInvitation } from "./schema.ts";

const listMax = 500;

/** Where invitations to a place are; null: to the console alone. */
export const wherePlace = (place: Place | null) => ({
  channelId: place?.kind === "channel" ? place.id : null,
  providerId: place?.kind === "provider" ? place.id : null,
});

export const wherePending = { acceptedAt: null, cancelledAt: null } as const;

/** What leads to the name of the place that an invitation is to. */
export const placeFields = {
  channel: { select: { id: true, name: true } },
  provider: { select: { id: true, name: true } },
} as const;

type Named = { id: string; name: string } | null;

export function invitedPlace(row: { channel: Named; provider: Named }): NamedPlace | null {
  if (row.channel !== null) return { kind: "channel", ...row.channel };
  return row.provider === null ? null : { kind: "provider", ...row.provider };
}

/** Invitations without an answer, newest first; those that are too old too, as they can be sent again. At most 500. */
export async function listInvitations(db: Db, place: Place | null): Promise<PendingInvitation[]> {
  const rows = await db.invitation.findMany({
    where: { ...wherePlace(place), ...wherePending },
    orderBy: { sentAt: "desc" },
    take: listMax,
    select: {
      id: true,
      email: true,
      role: true,
      sentAt: true,
      expiresAt: true,
      invitedBy: { select: { name: true } },
    },
  });
  const now = (await databaseTime(db)).getTime();
  const standing = await findStanding(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map(({ invitedBy, ...row }) => ({
    ...row,
    inviterName: invitedBy?.name ?? null,
    isInviterInCharge: standing.has(row.id),
    isExpired: row.expiresAt.getTime() <= now,
  }));
}

/** What the link in a mail offers; null when it is unknown, was replaced by a newer mail, or was taken back. */
export async function findInvitation(
  db: Db,
  token: string,
  signUp: SignUpMode,
): Promise<InvitationOffer | null> {
  const row = await db.invitation.findFirst({
    where: { tokenHash: hashSecret(token), cancelledAt: null },
    select: {
      id: true,
      email: true,
      role: true,
      acceptedAt: true,
      expiresAt: true,
      invitedBy: { select: { name: true, isOperator: true } },
      ...placeFields,
    },
  });
  if (row === null) return null;
  const account = await db.user.findUnique({ where: { email: row.email }, select: { id: true } });
  const isStanding = (await findStanding(db, [row.id])).has(row.id);
  return {
    state: stateOf(row, isStanding, await databaseTime(db)),
    email: row.email,
    place: invitedPlace(row),
    role: row.role,
    inviterName: row.invitedBy?.name ?? null,
    hasAccount: account !== null,
    makesAccount: makesAccount(signUp, row.invitedBy),
  };
}

function stateOf(
  { acceptedAt, expiresAt }: { acceptedAt: Date | null; expiresAt: Date },
  isStanding: boolean,
  now: Date,
): InvitationOffer["state"] {
  if (acceptedAt !== null) return "accepted";
  if (expiresAt <= now) return "expired";
  return isStanding ? "open" : "ended";
}
