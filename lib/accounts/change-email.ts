import { AppError } from "#lib/app-error.ts";
import type { Actor, Visitor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { takeTry } from "#lib/limits/rate-limit.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { isUniqueConflict } from "#lib/unique-conflict.ts";
import { addresseeFields, addresseeOf, tellSecurityChange } from "./addressee.ts";
import { confirmPerson, holdConfirmed, type Proof } from "./confirm-person.ts";
import { holdPerson } from "./hold-actor.ts";
import { accountLimits } from "./limits.ts";
import { lockPerson } from "./lock-person.ts";
import type { PostAccountMail } from "./mail.ts";
import { takeMailTries } from "./mail-limits.ts";
import { linkGone } from "./reset-password.ts";
import { hashSecret, newSecret } from "./secrets.ts";
import { closeAllSessions } from "./sessions.ts";

type Person = Extract<Actor, { kind: "user" }>;

const hours = 24;

/**
 * Asks both mailboxes whether the address may change; a change asked for earlier is forgotten. An address that was never
 * verified need not agree. Whether the new address has an account already is told to its mailbox only.
 * @throws AppError as confirmPerson and holdConfirmed; rate_limited; invalid when it is the address already.
 */
export async function requestEmailChange(
  db: TransactionalDb,
  post: PostAccountMail,
  actor: Person,
  form: Proof & { newEmail: string },
): Promise<void> {
  await takeTry(db, accountLimits.emailChange, actor.id);
  const confirmed = await confirmPerson(db, actor.id, form);
  await takeMailTries(db, { to: form.newEmail, personId: actor.id });
  await db.$transaction(async (tx) => {
    await holdConfirmed(tx, actor, form, confirmed);
    const user = await tx.user.findUniqueOrThrow({
      where: { id: actor.id },
      select: { emailVerifiedAt: true, ...addresseeFields },
    });
    if (user.email === form.newEmail) throw sameAddress();
    const taken = await tx.user.findUnique({
      where: { email: form.newEmail },
      select: addresseeFields,
    });
    const tokens = { old: newSecret(), new: newSecret() };
    const now = await databaseTime(tx);
    const change = {
      newEmail: form.newEmail,
      oldTokenHash: hashSecret(tokens.old),
      newTokenHash: hashSecret(tokens.new),
      oldConfirmedAt: user.emailVerifiedAt === null ? now : null,
      newConfirmedAt: null,
      expiresAt: new Date(now.getTime() + hours * 3_600_000),
    };
    await tx.emailChange.upsert({
      where: { userId: actor.id },
      create: { userId: actor.id, ...change },
      update: change,
      select: { userId: true },
    });
    const told = { ...addresseeOf(user), newEmail: form.newEmail, hours };
    if (user.emailVerifiedAt !== null) {
      await post(tx, { kind: "email_change_old", ...told, path: `/email-change/${tokens.old}` });
    }
    if (taken !== null) {
      await post(tx, { kind: "sign_up_known", ...addresseeOf(taken), path: "/sign-in" });
    } else {
      await post(tx, {
        kind: "email_change_new",
        ...told,
        to: form.newEmail,
        path: `/email-change/${tokens.new}`,
      });
    }
    await recordAudit(tx, { actor, action: "email_change_asked" });
  });
}

const sameAddress = () =>
  new AppError("invalid", "This is already your address.", {
    key: "email_same",
    details: [{ message: "is the address already", property: "newEmail" }],
  });

/** Drops a change under way, from the profile page. @throws AppError as holdActor. */
export async function cancelEmailChange(db: TransactionalDb, actor: Person): Promise<void> {
  await db.$transaction(async (tx) => {
    await holdPerson(tx, actor);
    const { count } = await tx.emailChange.deleteMany({ where: { userId: actor.id } });
    if (count > 0) await recordAudit(tx, { actor, action: "email_change_dropped" });
  });
}

export type EmailChangeState = {
  newEmail: string;
  oldConfirmed: boolean;
  newConfirmed: boolean;
};

const stateFields = { newEmail: true, oldConfirmedAt: true, newConfirmedAt: true } as const;

/** The change that a person has under way, or null. */
export async function findEmailChangeOf(db: Db, userId: string): Promise<EmailChangeState | null> {
  const row = await db.emailChange.findFirst({
    where: { userId, expiresAt: { gt: await databaseTime(db) } },
    select: stateFields,
  });
  return row === null
    ? null
    : {
        newEmail: row.newEmail,
        oldConfirmed: row.oldConfirmedAt !== null,
        newConfirmed: row.newConfirmedAt !== null,
      };
}

/** The change that a link belongs to, for the page that asks for the confirmation; null: used or too old. */
export async function findEmailChange(
  db: Db,
  token: string,
): Promise<{ newEmail: string; oldEmail: string } | null> {
  const row = await db.emailChange.findFirst({
    where: { ...byToken(token), expiresAt: { gt: await databaseTime(db) } },
    select: { newEmail: true, user: { select: { email: true } } },
  });
  return row === null ? null : { newEmail: row.newEmail, oldEmail: row.user.email };
}

/**
 * Says yes for one of the two mailboxes. With the second yes the address changes, is verified, and both addresses are told.
 * @throws AppError conflict: the link is of no use any more, or somebody took the address meanwhile.
 */
export async function confirmEmailChange(
  db: TransactionalDb,
  post: PostAccountMail,
  token: string,
  from: Visitor,
): Promise<"changed" | "waiting"> {
  try {
    return await db.$transaction((tx) => confirm(tx, post, token, from));
  } catch (error) {
    if (!isUniqueConflict(error)) throw error;
    throw new AppError("conflict", "Another account has this address now.", {
      key: "email_taken_meanwhile",
    });
  }
}

async function confirm(
  tx: Db,
  post: PostAccountMail,
  token: string,
  from: Visitor,
): Promise<"changed" | "waiting"> {
  const hash = hashSecret(token);
  const begun = await tx.emailChange.findFirst({ where: byToken(token), select: { userId: true } });
  if (begun === null) throw linkGone();
  // Puts both mailboxes' answers in line, as one of them must see the other's; and a new password, which ends the change.
  await lockPerson(tx, begun.userId);
  const rows = await tx.$queryRaw<
    { userId: string; newEmail: string; oldDone: boolean; newDone: boolean }[]
  >`
    update email_changes
       set old_confirmed_at = case when old_token_hash = ${hash} then coalesce(old_confirmed_at, now()) else old_confirmed_at end,
           new_confirmed_at = case when new_token_hash = ${hash} then coalesce(new_confirmed_at, now()) else new_confirmed_at end
     where (old_token_hash = ${hash} or new_token_hash = ${hash}) and expires_at > now()
    returning user_id as "userId", new_email as "newEmail", old_confirmed_at is not null as "oldDone",
              new_confirmed_at is not null as "newDone"`;
  const change = rows[0];
  if (change === undefined) throw linkGone();
  if (!change.oldDone || !change.newDone) return "waiting";
  await applyChange(tx, post, change, from);
  return "changed";
}

async function applyChange(
  tx: Db,
  post: PostAccountMail,
  { userId, newEmail }: { userId: string; newEmail: string },
  from: Visitor,
): Promise<void> {
  // The old address is told where it was changed to before it is forgotten.
  await tellSecurityChange(tx, post, userId, "email_changed", newEmail);
  const { name, isOperator } = await tx.user.update({
    where: { id: userId },
    data: { email: newEmail, emailVerifiedAt: await databaseTime(tx) },
    select: { name: true, isOperator: true },
  });
  await tx.emailChange.deleteMany({ where: { userId } });
  // Links that were mailed to the old address work no longer.
  await tx.accountToken.deleteMany({ where: { userId } });
  await closeAllSessions(tx, userId);
  await tellSecurityChange(tx, post, userId, "email_changed", newEmail);
  await recordAudit(tx, {
    actor: { kind: "user", id: userId, name, isOperator, from, session: null },
    action: "email_changed",
  });
}

const byToken = (token: string) => ({
  OR: [{ oldTokenHash: hashSecret(token) }, { newTokenHash: hashSecret(token) }],
});
