import { v7 as newId } from "uuid";
import type { Db } from "#lib/db.ts";
import { seal, unseal } from "#lib/sealing.ts";
import { toHeaderSafe } from "./header-safe.ts";
import { newMessageId } from "./message-id.ts";
import type { RenderedMail } from "./schema.ts";
import { withPrisma } from "./statement.ts";
import { storeMails } from "./store-mails.ts";

export type PostOptions = {
  encryptionKey: Buffer;
  /** No mail server: mails are kept for operators to read. */
  keep: boolean;
  messageIdDomain: string;
};

export type PostedMail = RenderedMail & {
  recipient: string;
  locale: string;
  subject: string;
  /** It holds a link that only its recipient may use. */
  isSecret: boolean;
  /** `account` when absent. */
  kind?: "account" | "server_test";
};

/**
 * Puts a mail that belongs to no channel into the outbox. A secret one is sealed, so that neither the table nor a backup
 * of it holds a link that works. Returns its id.
 */
export async function postMail(db: Db, mail: PostedMail, options: PostOptions): Promise<string> {
  const id = newId();
  const content = mail.isSecret
    ? sealContent(options.encryptionKey, id, mail)
    : { ...contentOf(mail), sealedContent: null };
  const stored = {
    ...content,
    ...{
      id,
      kind: mail.kind ?? ("account" as const),
      notificationId: null,
      channelId: null,
      unsubscribeUrl: null,
    },
    address: mail.recipient,
    locale: mail.locale,
    subject: toHeaderSafe(mail.subject, 200),
    messageId: newMessageId(id, options.messageIdDomain),
    keep: options.keep,
  };
  await storeMails(withPrisma(db), [stored], undefined);
  return id;
}

const contentOf = ({ html, text }: RenderedMail): RenderedMail => ({ html, text });

const place = (mailId: string) => `mails.sealed_content.${mailId}`;

/** What a mail says, sealed for its row; nothing of it is left to read. */
export function sealContent(
  key: Buffer,
  id: string,
  mail: RenderedMail,
): RenderedMail & { sealedContent: string } {
  const sealedContent = seal(key, place(id), JSON.stringify(contentOf(mail)));
  return { html: "", text: "", sealedContent };
}

/** What a mail says, sealed or not. @throws Error when no key opens it. */
export function openContent(
  key: Buffer,
  mail: RenderedMail & { id: string; sealedContent: string | null },
): RenderedMail {
  if (mail.sealedContent === null) return contentOf(mail);
  // Sealed by sealContent above, and authenticated.
  return JSON.parse(unseal(key, place(mail.id), mail.sealedContent)) as RenderedMail;
}
