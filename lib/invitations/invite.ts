import { requireOperatorRight } from "#lib/accounts/hold-actor.ts";
import type { PostAccountMail } from "#lib/accounts/mail.ts";
import { takeMailTries } from "#lib/accounts/mail-limits.ts";
import { requireProof } from "#lib/accounts/recent-proof.ts";
import type { SessionUser, SignUpMode } from "#lib/accounts/schema.ts";
import { hashSecret, newSecret } from "#lib/accounts/secrets.ts";
import { findStanding } from "#lib/accounts/standing-invitations.ts";
import { AppError } from "#lib/app-error.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { changeRoles, placeOf } from "#lib/members/change-roles.ts";
import { asProviderRole } from "#lib/members/insert-role.ts";
import { findRole } from "#lib/members/place.ts";
import type { ChannelRole } from "#lib/members/schema.ts";
import type { Place } from "#lib/place.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { invitationEnd, mailInvitation } from "./mail-invitation.ts";
import { wherePending, wherePlace } from "./queries.ts";

/**
 * Offers a role to whoever reads a mailbox, with or without an account. Behind the lock of the place, so that of two at
 * once for one address one is refused.
 * @throws AppError rate_limited; as changeRoles and requireProof; conflict: a role or an invitation is there; not_found where only operators may
 *   invite people without an account.
 */
export async function inviteToPlace(
  db: TransactionalDb,
  post: PostAccountMail,
  actor: SessionUser,
  place: Place,
  form: { email: string; role: ChannelRole; signUp: SignUpMode },
): Promise<void> {
  if (place.kind === "provider") asProviderRole(form.role);
  await takeInviteTries(db, actor, form.email);
  await changeRoles(db, actor, place, async (tx) => {
    await requireProof(tx, actor);
    const user = await tx.user.findUnique({ where: { email: form.email }, select: { id: true } });
    if (user === null && form.signUp === "operator" && !actor.isOperator) {
      throw atEmail("not_found", "unknown_person", form.email);
    }
    if (user !== null && (await findRole(tx, place, user.id)) !== null) {
      throw atEmail("conflict", "member_already", form.email);
    }
    await refuseSecond(tx, place, form.email);
    await write(tx, post, actor, place, form);
  });
}

/** Any number, the same for every process: the console is no row that could be locked like a place. */
const consoleLock = 7_046_204;

/**
 * Offers an account without any role; for operators, one after the other.
 * @throws AppError rate_limited; conflict: the address has an account or an invitation; as requireOperatorRight
 *   and requireProof.
 */
export async function inviteToConsole(
  db: TransactionalDb,
  post: PostAccountMail,
  actor: SessionUser,
  email: string,
): Promise<void> {
  await takeInviteTries(db, actor, email);
  await db.$transaction(async (tx) => {
    await tx.$queryRaw`select 1 from (select pg_advisory_xact_lock(${consoleLock}::bigint)) as turn`;
    await requireOperatorRight(tx, actor);
    await requireProof(tx, actor);
    const user = await tx.user.findUnique({ where: { email }, select: { id: true } });
    if (user !== null) throw atEmail("conflict", "email_taken", email);
    await refuseSecond(tx, null, email);
    await write(tx, post, actor, null, { email, role: null });
  });
}

async function takeInviteTries(db: Db, actor: SessionUser, email: string): Promise<void> {
  await takeMailTries(db, { to: email, personId: actor.id });
}

/** One that is too old, or has ended with its sender's right, makes room. */
async function refuseSecond(tx: Db, place: Place | null, email: string): Promise<void> {
  const same = { email, ...wherePlace(place), ...wherePending };
  const rows = await tx.invitation.findMany({ where: same, select: { id: true, expiresAt: true } });
  const now = await databaseTime(tx);
  const ids = rows.filter(({ expiresAt }) => expiresAt > now).map(({ id }) => id);
  if ((await findStanding(tx, ids)).size > 0) throw atEmail("conflict", "invited_already", email);
  await tx.invitation.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } });
}

async function write(
  tx: Db,
  post: PostAccountMail,
  actor: SessionUser,
  place: Place | null,
  { email, role }: { email: string; role: ChannelRole | null },
): Promise<void> {
  const token = newSecret();
  const { id } = await tx.invitation.create({
    data: {
      tokenHash: hashSecret(token),
      email,
      ...wherePlace(place),
      role,
      invitedById: actor.id,
      expiresAt: invitationEnd(await databaseTime(tx)),
    },
    select: { id: true },
  });
  await mailInvitation(tx, post, actor, id, token);
  await recordAudit(tx, {
    actor,
    action: "invitation_sent",
    ...(place === null ? {} : placeOf(place)),
    target: { kind: "invitation", id },
    after: { role },
  });
}

const atEmail = (code: "conflict" | "not_found", key: string, email: string) =>
  new AppError(code, `${email}: ${key}`, {
    key,
    values: { email },
    details: [{ message: key, property: "email" }],
  });
