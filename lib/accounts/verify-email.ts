import type { Actor, Visitor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { takeTry } from "#lib/limits/rate-limit.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { addresseeFields, addresseeOf } from "./addressee.ts";
import { holdPerson } from "./hold-actor.ts";
import { accountLimits } from "./limits.ts";
import { lockPerson } from "./lock-person.ts";
import type { PostAccountMail } from "./mail.ts";
import { linkGone } from "./reset-password.ts";
import { findToken, issueAccountToken, takeToken, tokenLifeMs } from "./tokens.ts";

/** Mails a link that verifies the person's own address; nothing when it is verified. @throws AppError rate_limited; as holdActor. */
export async function sendVerification(
  db: TransactionalDb,
  post: PostAccountMail,
  actor: Extract<Actor, { kind: "user" }>,
): Promise<void> {
  await takeTry(db, accountLimits.verify, actor.id);
  await db.$transaction(async (tx) => {
    await holdPerson(tx, actor);
    const user = await tx.user.findUniqueOrThrow({
      where: { id: actor.id },
      select: { emailVerifiedAt: true, ...addresseeFields },
    });
    if (user.emailVerifiedAt !== null) return;
    const token = await issueAccountToken(tx, "verify_email", {
      userId: actor.id,
      email: user.email,
    });
    await post(tx, {
      kind: "verify_email",
      ...addresseeOf(user),
      path: `/verify-email/${token}`,
      hours: tokenLifeMs.verify_email / 3_600_000,
    });
    await recordAudit(tx, { actor, action: "verification_asked" });
  });
}

/** The address that a link would verify, or null. */
export async function findVerification(db: Db, token: string): Promise<string | null> {
  return (await findToken(db, "verify_email", token))?.email ?? null;
}

/** @throws AppError conflict: the link was used, is too old, or the address was changed since. */
export async function verifyEmail(
  db: TransactionalDb,
  token: string,
  from: Visitor,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const { userId, email } = (await findToken(tx, "verify_email", token)) ?? {};
    if (userId == null || email == null) throw linkGone();
    // Before the token, as a new password, which ends it, takes both.
    await lockPerson(tx, userId);
    if ((await takeToken(tx, "verify_email", token)) === null) throw linkGone();
    const user = await tx.user.findFirst({
      where: { id: userId, email },
      select: { name: true, isOperator: true },
    });
    if (user === null) throw linkGone();
    await tx.user.updateMany({
      where: { id: userId },
      data: { emailVerifiedAt: await databaseTime(tx) },
    });
    await recordAudit(tx, {
      actor: { kind: "user", id: userId, ...user, from, session: null },
      action: "email_verified",
    });
  });
}
