import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { confirmPassword } from "./confirm-password.ts";
import type { PostAccountMail } from "./mail.ts";
import { hashPassword } from "./passwords.ts";
import { tellSecurityChange } from "./reader.ts";
import { closeAllSessions } from "./sessions.ts";

type Person = Extract<Actor, { kind: "user" }>;

/**
 * Sets another password, or the first one. Every session but `keepSessionId` ends, and the person is told.
 * @throws AppError as confirmPassword.
 */
export async function changePassword(
  db: TransactionalDb,
  post: PostAccountMail,
  actor: Person,
  form: { currentPassword: string; password: string; keepSessionId: string | null },
): Promise<{ endedCount: number }> {
  await confirmPassword(db, actor.id, form.currentPassword);
  const passwordHash = await hashPassword(form.password);
  return db.$transaction(async (tx) => {
    await tx.user.updateMany({ where: { id: actor.id }, data: { passwordHash } });
    const endedCount = await closeAllSessions(tx, actor.id, form.keepSessionId);
    await recordAudit(tx, { actor, action: "password_changed" });
    await tellSecurityChange(tx, post, actor.id, "password_changed");
    return { endedCount };
  });
}
