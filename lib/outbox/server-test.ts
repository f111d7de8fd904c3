import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { takeTry } from "#lib/limits/rate-limit.ts";
import { type PostedMail, type PostOptions, postMail } from "./post-mail.ts";

const limit = { name: "server-test", max: 20, windowMs: 3_600_000 };

/**
 * Writes a mail to the operator who asks, by the way that every mail takes, before all that waits. Returns its id: what
 * came of it stands on its page of the outbox. @throws AppError rate_limited above 20 an hour.
 */
export async function postServerTest(
  db: TransactionalDb,
  operator: Actor,
  mail: Omit<PostedMail, "isSecret">,
  options: PostOptions,
): Promise<string> {
  await takeTry(db, limit, operator.id ?? "");
  return db.$transaction(async (tx) => {
    const id = await postMail(tx, { ...mail, isSecret: false, kind: "server_test" }, options);
    await tx.mail.update({ where: { id }, data: { dueAt: new Date(0) }, select: { id: true } });
    await recordAudit(tx, {
      actor: operator,
      action: "mail_server_tested",
      target: { kind: "mail", id },
    });
    return id;
  });
}
