import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { databaseTime } from "#lib/time/database-time.ts";
import { endBegun } from "./end-begun.ts";
import { requireOperatorRight } from "./hold-actor.ts";
import { lockPeople } from "./lock-person.ts";
import { isOnlyOperator, lockOperators } from "./only-operator.ts";
import { requireProof } from "./recent-proof.ts";
import { wordsOf } from "./reset-report.ts";
import { endInvitations, listGiven } from "./ways-given.ts";

/**
 * Locks a person out, or lets them in again. Disabling ends every session, what was begun, and invitations that nobody took up,
 * at once and keeps the roles; they get no mails meanwhile. One already as asked stays so.
 * @throws AppError conflict for oneself and for the only operator: an installation would end without one; not_found; as
 * requireOperatorRight; to let somebody in again also as requireProof.
 */
export async function setUserDisabled(
  db: TransactionalDb,
  actor: Extract<Actor, { kind: "user" }>,
  userId: string,
  disabled: boolean,
): Promise<void> {
  if (userId === actor.id) {
    throw new AppError("conflict", "Another operator has to do this.", { key: "own_account" });
  }
  await db.$transaction(async (tx) => {
    // Before either account is held: of two operators who disable each other one comes after the other.
    await lockOperators(tx);
    await lockPeople(tx, [actor.id, userId]);
    await requireOperatorRight(tx, actor);
    if (!disabled) await requireProof(tx, actor);
    const user = await tx.user.findUnique({ where: { id: userId }, select: { name: true } });
    if (user === null) throw new AppError("not_found", "The account no longer exists.");
    if (disabled && (await isOnlyOperator(tx, userId))) {
      throw new AppError("conflict", "No operator would be left.", { key: "no_operator_left" });
    }
    if (!(await turn(tx, userId, disabled))) return;
    const target = { kind: "user" as const, id: userId, name: user.name };
    const after = disabled ? await endAll(tx, userId) : {};
    const action = disabled ? "user_disabled" : "user_enabled";
    await recordAudit(tx, { actor, action, target, after });
  });
}

/** False: it was so already. */
async function turn(tx: Db, userId: string, disabled: boolean): Promise<boolean> {
  const { count } = await tx.user.updateMany({
    where: { id: userId, disabledAt: disabled ? null : { not: null } },
    data: { disabledAt: disabled ? await databaseTime(tx) : null },
  });
  return count > 0;
}

/** Says what ended, and what the account has made that works on: for whoever disables it to look through. */
async function endAll(tx: Db, userId: string): Promise<{ ended?: string[]; kept?: string[] }> {
  const ended = wordsOf([...(await endBegun(tx, userId)), ...(await endInvitations(tx, userId))]);
  const kept = wordsOf(await listGiven(tx, userId));
  await tx.session.deleteMany({ where: { userId } });
  return { ...(ended.length > 0 && { ended }), ...(kept.length > 0 && { kept }) };
}
