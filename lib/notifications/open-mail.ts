import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db } from "#lib/db.ts";
import { findMail } from "./queries.ts";
import type { MailDetail } from "./schema.ts";

/**
 * A mail of the outbox as `findMail` has it, for the operator who reads it. Who opens a mail that holds somebody else's
 * link could use that link: so it is written down before it is shown.
 */
export async function openMail(
  db: Db,
  encryptionKey: Buffer,
  operator: Actor,
  mailId: string,
): Promise<MailDetail | null> {
  const mail = await findMail(db, encryptionKey, mailId);
  if (mail?.isSecret && mail.content !== null) {
    const target = { kind: "mail" as const, id: mail.id };
    await recordAudit(db, { actor: operator, action: "mail_opened", target });
  }
  return mail;
}
