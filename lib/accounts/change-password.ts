import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { confirmPerson, type Proof } from "./confirm-person.ts";
import type { PostAccountMail } from "./mail.ts";
import { hashPassword } from "./passwords.ts";
import { tellSecurityChange } from "./reader.ts";
import { closeAllSessions } from "./sessions.ts";
import { endSignInsUnderWay } from "./tokens.ts";

type Person = Extract<Actor, { kind: "user" }>;

/**
 * Sets another password, or the first one. Every session but the one that asks ends, every begun sign-in and every link for a
 * new password too, and the person is told.
 * @throws AppError as confirmPerson.
 */
export async function changePassword(
  db: TransactionalDb,
  post: PostAccountMail,
  actor: Person,
  form: Proof & { password: string },
): Promise<{ endedCount: number }> {
  await confirmPerson(db, actor.id, form);
  const passwordHash = await hashPassword(form.password);
  return db.$transaction(async (tx) => {
    await tx.user.updateMany({ where: { id: actor.id }, data: { passwordHash } });
    await endSignInsUnderWay(tx, actor.id);
    const endedCount = await closeAllSessions(tx, actor.id, form.sessionId);
    await recordAudit(tx, { actor, action: "password_changed" });
    await tellSecurityChange(tx, post, actor.id, "password_changed");
    return { endedCount };
  });
}
