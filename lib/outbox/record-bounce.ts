import type { Pool } from "pg";
import { inTransaction } from "#lib/db.ts";
import { judgeReport, type StatusReport } from "./delivery-status.ts";
import { toHeaderSafe } from "./header-safe.ts";
import { addressKey } from "./mail-address.ts";
import { noteRefusal } from "./note-refusal.ts";
import type { NoticeKind } from "./schema.ts";
import { type RunStatement, withClient } from "./statement.ts";

export type RecordedBounce = { mailId: string; isStopped: boolean; told: readonly NoticeKind[] };

/**
 * Records that a mail came back, and applies the rule of refusals to its address. Null, and nothing is done, when it is not
 * about a mail of ours to that recipient, when that came back before, or when it is no failure. Whoever can name the
 * Message-ID with its random half has seen the mail: its recipient, and the servers on its way. It does not protect from
 * these; a recipient can stop nobody but themselves.
 */
export async function recordBounce(
  pool: Pool,
  messageId: string,
  reports: readonly StatusReport[],
): Promise<RecordedBounce | null> {
  return inTransaction(pool, async (client) => {
    const run = withClient(client);
    const mail = await lockMail(run, messageId);
    if (mail === null) return null;
    const report = reports.find(
      ({ action, recipients }) =>
        action === "failed" &&
        recipients.some((one) => addressKey(one) === addressKey(mail.recipient)),
    );
    if (report === undefined) return null;
    const about = judgeReport(report);
    const answer = toHeaderSafe(report.diagnostic || report.status, 300);
    await run(
      `update mails set state = 'bounced', bounced_at = now(), last_error = $2, trouble = $3 where id = $1`,
      [mail.id, answer, about],
    );
    // Of an alias one member is gone: the others read on.
    const isOwn =
      addressKey(report.finalRecipient ?? mail.recipient) === addressKey(mail.recipient);
    const isNoRefusal = about === "sender" || about === "message";
    if (isNoRefusal || !isOwn) return { mailId: mail.id, isStopped: false, told: [] };
    const refusal = { mailId: mail.id, recipient: mail.recipient, answer };
    const { stopped, told } = await noteRefusal(run, { ...refusal, isSure: about === "address" });
    return { mailId: mail.id, isStopped: stopped, told };
  });
}

/** One that was sent, or perhaps was. Index: mails (message_id). */
async function lockMail(
  run: RunStatement,
  messageId: string,
): Promise<{ id: string; recipient: string } | null> {
  const [mail] = await run<{ id: string; recipient: string }>(
    `select id, recipient from mails
      where message_id = $1 and bounced_at is null
        and (state = 'sent' or state in ('queued', 'failed') and uncertain_at is not null) for update`,
    [messageId],
  );
  return mail ?? null;
}
