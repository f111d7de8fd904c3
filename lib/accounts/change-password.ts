import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { tellSecurityChange } from "./addressee.ts";
import { confirmPerson, holdConfirmed, type Proof } from "./confirm-person.ts";
import { endBegun, listKept } from "./end-begun.ts";
import type { PostAccountMail } from "./mail.ts";
import { hashPassword } from "./passwords.ts";
import { closeAllSessions } from "./sessions.ts";

type Person = Extract<Actor, { kind: "user" }>;

/**
 * Sets another password, or the first one. Every session but the one that asks ends, with whatever else was begun
 * (`endBegun`), and the person is told. What is linked stays: it stands on the page where this is done.
 * So do invitations: who knows the old password may well have sent them, and the mail lists them.
 * @throws AppError as confirmPerson and holdConfirmed.
 */
export async function changePassword(
  db: TransactionalDb,
  post: PostAccountMail,
  actor: Person,
  form: Proof & { password: string },
): Promise<{ endedCount: number }> {
  const confirmed = await confirmPerson(db, actor.id, form);
  const passwordHash = await hashPassword(form.password);
  return db.$transaction(async (tx) => {
    await holdConfirmed(tx, actor, form, confirmed);
    await tx.user.updateMany({ where: { id: actor.id }, data: { passwordHash } });
    const ended = await endBegun(tx, actor.id);
    const endedCount = await closeAllSessions(tx, actor.id, form.sessionId);
    await recordAudit(tx, { actor, action: "password_changed" });
    const kept = await listKept(tx, actor.id);
    await tellSecurityChange(tx, post, actor.id, "password_changed", null, { ended, kept });
    return { endedCount };
  });
}
