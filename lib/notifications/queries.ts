import { validate as isUuid } from "uuid";
import type { Db } from "#lib/db.ts";
import { openContent } from "#lib/outbox/post-mail.ts";
import { type MailState, mailKinds, type RenderedMail } from "#lib/outbox/schema.ts";
import type { OutboxSearch } from "./outbox-search.ts";
import { knownType, type MailDetail, type MailEntry } from "./schema.ts";

const pageSize = 50;

const entryFields = {
  id: true,
  recipient: true,
  subject: true,
  state: true,
  kind: true,
  createdAt: true,
  sentAt: true,
  notification: { select: { type: true } },
} as const;

/**
 * Up to 50 mails of the whole installation, newest first; for operators only. `older` is where the next page begins,
 * null on the last. Read through the primary key (ids grow with time) or the index on (state, id).
 */
export async function listMails(
  db: Db,
  { state, before }: OutboxSearch,
): Promise<{ mails: MailEntry[]; older: string | null }> {
  const rows = await db.mail.findMany({
    where: {
      ...(state === null ? {} : { state }),
      ...(before === null ? {} : { id: { lt: before } }),
    },
    orderBy: { id: "desc" },
    take: pageSize + 1,
    select: entryFields,
  });
  const mails = rows.slice(0, pageSize).map(toEntry);
  return { mails, older: rows.length > pageSize ? (mails.at(-1)?.id ?? null) : null };
}

/**
 * One mail of the outbox, rendered content included, or null; for operators only. A mail with a link that only its recipient
 * may use is opened (given the key) where it is kept, as nobody else can pass it on; else it has no content here. The link
 * that ends such mails is its reader's alone, too: it is shown without its token.
 */
export async function findMail(
  db: Db,
  encryptionKey: Buffer | null,
  mailId: string,
): Promise<MailDetail | null> {
  if (!isUuid(mailId)) return null;
  const row = await db.mail.findUnique({
    where: { id: mailId },
    select: {
      ...entryFields,
      channelId: true,
      html: true,
      text: true,
      messageId: true,
      attempts: true,
      dueAt: true,
      lastError: true,
      uncertainAt: true,
      bouncedAt: true,
      sealedContent: true,
      unsubscribeUrl: true,
    },
  });
  if (row === null) return null;
  const { html, text, sealedContent: _sealed, unsubscribeUrl, ...mail } = row;
  const isSecret = html === "";
  return toEntry({
    ...mail,
    isSecret,
    canBeSentAgain: endedStates.has(row.state) && (!isSecret || row.sealedContent !== null),
    content: isSecret
      ? opened(encryptionKey, row)
      : { html: withoutToken(html, unsubscribeUrl), text: withoutToken(text, unsubscribeUrl) },
  });
}

const endedStates: ReadonlySet<MailState> = new Set(["failed", "suppressed", "bounced"]);

/** The token is the last part of the address, and holds nothing that HTML writes otherwise. */
const withoutToken = (content: string, url: string | null): string =>
  url === null ? content : content.replaceAll(url, `${url.slice(0, url.lastIndexOf("/"))}/…`);

type Sealed = RenderedMail & { id: string; state: MailState; sealedContent: string | null };

function opened(encryptionKey: Buffer | null, mail: Sealed): RenderedMail | null {
  const isOpenable = mail.sealedContent !== null && mail.state === "kept";
  return encryptionKey !== null && isOpenable ? openContent(encryptionKey, mail) : null;
}

type Read = { kind: string; notification: { type: string } | null };

function toEntry<Row extends Read>({ notification, kind, ...mail }: Row) {
  const known = mailKinds.find((one) => one === kind) ?? "notification";
  return { ...mail, kind: known, type: knownType(notification?.type ?? "") };
}
