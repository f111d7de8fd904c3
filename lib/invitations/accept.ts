import { holdPerson, requireOperatorRight } from "#lib/accounts/hold-actor.ts";
import { lockPeople } from "#lib/accounts/lock-person.ts";
import { hashPassword } from "#lib/accounts/passwords.ts";
import type { SessionUser, SignUpMode, Taste } from "#lib/accounts/schema.ts";
import { hashSecret } from "#lib/accounts/secrets.ts";
import { insertPerson, makesAccount } from "#lib/accounts/sign-up.ts";
import { AppError } from "#lib/app-error.ts";
import type { Actor, Visitor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { placeOf, requireManageRoles } from "#lib/members/change-roles.ts";
import { insertRole } from "#lib/members/insert-role.ts";
import { findRole, lockPlace } from "#lib/members/place.ts";
import type { ChannelRole } from "#lib/members/schema.ts";
import type { NamedPlace } from "#lib/place.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { invitedPlace, placeFields, wherePending } from "./queries.ts";

type Accepted = { place: NamedPlace | null };

/**
 * Takes up an invitation as the person who is signed in. It is bound to the invited address: holding the link of somebody
 * else's mail is not enough. Of two who accept at once one wins.
 * @throws AppError conflict (used, cancelled, too old; whoever sent it may invite nobody there any more); forbidden when
 *   the account has another address.
 */
export async function acceptInvitation(
  db: TransactionalDb,
  user: SessionUser,
  token: string,
): Promise<Accepted> {
  return db.$transaction(async (tx) => {
    const taken = await takeInvitation(tx, token, [user.id]);
    await holdPerson(tx, user);
    // As it is now: it may have become another while this waited.
    const { email } = await tx.user.findUniqueOrThrow({
      where: { id: user.id },
      select: { email: true },
    });
    if (taken.email !== email) {
      throw new AppError("forbidden", `This invitation is for ${taken.email}.`, {
        key: "invitation_other_address",
        values: { invited: taken.email, email },
      });
    }
    await give(tx, user, taken);
    return { place: taken.place };
  });
}

/**
 * Takes up an invitation by making the account that it is for: the link proves the mailbox.
 * @throws AppError conflict (as acceptInvitation; or the address has an account by now); forbidden where operators alone
 *   make accounts and none of them has invited.
 */
export async function acceptWithNewAccount(
  db: TransactionalDb,
  form: { token: string; name: string; password: string; signUp: SignUpMode } & Taste,
  from: Visitor,
): Promise<Accepted & { email: string }> {
  // Before the hash is made: it is dear, and links can be made up.
  const invitation = await db.invitation.findFirst({
    where: await open(db, form.token),
    select: { invitedBy: { select: { isOperator: true } } },
  });
  if (invitation === null) throw gone();
  if (!makesAccount(form.signUp, invitation.invitedBy)) throw byOperatorOnly();
  const passwordHash = await hashPassword(form.password);
  return db.$transaction(async (tx) => {
    const { email, sender, ...taken } = await takeInvitation(tx, form.token, []);
    if (!makesAccount(form.signUp, sender)) throw byOperatorOnly();
    const { name, locale, theme } = form;
    const id = await insertPerson(tx, { email, name, locale, theme, passwordHash });
    const actor = { kind: "user" as const, id, name, isOperator: false, from, session: null };
    await recordAudit(tx, { actor, action: "account_created", after: { invited: true } });
    await give(tx, actor, taken);
    return { place: taken.place, email };
  });
}

type Taken = { id: string; place: NamedPlace | null; role: ChannelRole | null };
type Sender = { isOperator: boolean };

const open = async (db: Db, token: string) => ({
  tokenHash: hashSecret(token),
  ...wherePending,
  expiresAt: { gt: await databaseTime(db) },
});

/**
 * Uses it up: the race is settled in the `where`. `sender`: as they are at this moment. They and who accepts, whose account
 * is changed here, are locked together: two may accept each other's.
 */
async function takeInvitation(
  tx: Db,
  token: string,
  accepting: readonly string[],
): Promise<Taken & { email: string; sender: Sender }> {
  const where = await open(tx, token);
  const row = await tx.invitation.findFirst({
    where,
    select: { id: true, email: true, role: true, invitedById: true, ...placeFields },
  });
  if (row === null) throw gone();
  const place = invitedPlace(row);
  if (place !== null) await lockPlace(tx, place);
  await lockPeople(tx, [...accepting, ...(row.invitedById === null ? [] : [row.invitedById])]);
  const sender = await holdSender(tx, place, row.invitedById);
  const { count } = await tx.invitation.updateMany({
    where: { ...where, invitedById: row.invitedById },
    data: { acceptedAt: await databaseTime(tx) },
  });
  if (count === 0) throw gone();
  return { id: row.id, email: row.email, place, role: row.role, sender };
}

/** Whoever was removed, lowered or locked out does not come back by an invitation that they sent before. */
async function holdSender(tx: Db, place: NamedPlace | null, id: string | null): Promise<Sender> {
  if (id === null) throw ended();
  const sender = { kind: "user" as const, id, name: "", isOperator: false, from: null };
  const actor = { ...sender, session: null };
  await (place === null
    ? requireOperatorRight(tx, actor)
    : requireManageRoles(tx, actor, place)
  ).catch((error: unknown) => {
    throw error instanceof AppError && error.code === "forbidden" ? ended() : error;
  });
  return tx.user.findUniqueOrThrow({ where: { id }, select: { isOperator: true } });
}

/** Whoever has a role by now keeps it: an invitation neither raises nor lowers one. */
async function give(
  tx: Db,
  actor: Extract<Actor, { kind: "user" }>,
  { id, place, role }: Taken,
): Promise<void> {
  await tx.user.updateMany({
    where: { id: actor.id, emailVerifiedAt: null },
    data: { emailVerifiedAt: await databaseTime(tx) },
  });
  const kept = place === null ? null : await findRole(tx, place, actor.id);
  if (place !== null && role !== null && kept === null) await insertRole(tx, place, actor.id, role);
  await recordAudit(tx, {
    actor,
    action: "invitation_accepted",
    ...(place === null ? {} : placeOf(place)),
    target: { kind: "invitation", id },
    ...(kept === null ? {} : { before: { role: kept } }),
    after: { role: kept ?? role },
  });
}

const gone = () =>
  new AppError("conflict", "This invitation was already used or cancelled, or it is too old.", {
    key: "invitation_used",
  });

const ended = () =>
  new AppError(
    "conflict",
    "The person who sent this invitation may no longer invite anyone there.",
    {
      key: "invitation_ended",
    },
  );

const byOperatorOnly = () =>
  new AppError("forbidden", "Only operators create accounts here.", { key: "account_by_operator" });
