import { validate as isUuid } from "uuid";
import { z } from "zod";
import { AppError } from "#lib/app-error.ts";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** Older ones are no news. */
const againDays = 7;

/** Without a mail: all that may go through now. */
export const SendAgainForm = z.object({
  mailId: z.string().refine(isUuid).optional(),
});

/**
 * Has mails sent again that were refused, came back, or were held back for their address: the one named, or all of the last
 * 7 days that were refused for their sender, for an address that is not stopped, or put off for a day. `hasServer` false:
 * there is none to send them with. Returns how many.
 * @throws AppError conflict when it can not be sent: it is gone, its address is stopped, or there is no mail server.
 */
export async function sendAgain(
  db: TransactionalDb,
  actor: Actor,
  { mailId }: z.infer<typeof SendAgainForm>,
  hasServer: boolean,
): Promise<number> {
  if (!hasServer) throw refusal("no_mail_server", "There is no mail server to send it with.");
  return db.$transaction(async (tx) => {
    const count = mailId === undefined ? await queueAll(tx) : await queueOne(tx, mailId);
    if (count === 0) throw refusal("not_sendable_again", "No such mail can be sent again.");
    const target = mailId === undefined ? {} : { target: { kind: "mail" as const, id: mailId } };
    await recordAudit(tx, { actor, action: "mails_sent_again", after: { count }, ...target });
    return count;
  });
}

const refusal = (key: string, message: string): AppError =>
  new AppError("conflict", message, { key });

/** How many `sendAgain` would send without a mail's name. */
export async function countSendableAgain(db: Db): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from mails m where ${sendable} and ${mayGoThroughNow}`;
  return row?.count ?? 0;
}

/** Its words are still there, and its address is not stopped. */
const sendable = Prisma.sql`
  m.state in ('failed', 'suppressed', 'bounced') and (m.html <> '' or m.sealed_content is not null)
  and not exists (select from suppressed_addresses s where s.address_key = lower(m.recipient))`;

/** Index: mails (created_at). */
const mayGoThroughNow = Prisma.sql`
  m.created_at > now() - make_interval(days => ${againDays})
  and (m.state = 'suppressed' or m.trouble in ('address', 'doubtful', 'sender', 'delay'))`;

async function queueAll(tx: Db): Promise<number> {
  return tx.$executeRaw`
    update mails m set ${queuedAgain} where ${sendable} and ${mayGoThroughNow}`;
}

async function queueOne(tx: Db, mailId: string): Promise<number> {
  return tx.$executeRaw`update mails m set ${queuedAgain} where id = ${mailId}::uuid and ${sendable}`;
}

/** The count of tries goes on: it names the claims of workers that may still hold an earlier one. */
const queuedAgain = Prisma.sql`
  state = 'queued', trouble = null, last_error = null, due_at = now(), queued_at = now(),
  uncertain_at = null, sent_at = null, bounced_at = null`;
