import type { PoolClient } from "pg";
import type { NewMail } from "./compose-mails.ts";
import { addressKey, parseMailAddress } from "./mail-address.ts";
import type { MailState } from "./schema.ts";

/** A mail without notices: one that something else than a notification asked for. */
export type StoredMail = Omit<NewMail, "noticeIds"> & {
  noticeIds?: readonly string[];
  /** Instead of html and text: see sealContent. */
  sealedContent?: string | null;
};

type Fate = { recipient: string; state: MailState; lastError: string | null };

/**
 * Stores mails and marks their notices as told. An address that no mail server should ever see is stored as it is and
 * never sent to; one that a server refused for good before gets a mail that is not sent either.
 */
export async function storeMails(
  client: PoolClient,
  mails: readonly StoredMail[],
  now: Date | undefined,
): Promise<void> {
  if (mails.length === 0) return;
  const suppressed = await readSuppressed(client, mails);
  const fates = mails.map((mail) => fateOf(mail, suppressed));
  await client.query(
    `insert into mails (id, kind, notification_id, channel_id, recipient, locale, subject, html, text, state, message_id,
                        unsubscribe_url, last_error, sealed_content, created_at, due_at)
     select id, kind, notification_id, channel_id, recipient, locale, subject, html, text, state::mail_state, message_id,
            unsubscribe_url, last_error, sealed_content, coalesce($15::timestamptz, now()),
            coalesce($15::timestamptz, now())
       from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                   $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[])
         as m(id, kind, notification_id, channel_id, recipient, locale, subject, html, text, state, message_id,
              unsubscribe_url, last_error, sealed_content)`,
    [
      mails.map((mail) => mail.id),
      mails.map((mail) => mail.kind),
      mails.map((mail) => mail.notificationId),
      mails.map((mail) => mail.channelId),
      fates.map((fate) => fate.recipient),
      mails.map((mail) => mail.locale),
      mails.map((mail) => mail.subject),
      mails.map((mail) => mail.html),
      mails.map((mail) => mail.text),
      fates.map((fate) => fate.state),
      mails.map((mail) => mail.messageId),
      mails.map((mail) => mail.unsubscribeUrl),
      fates.map((fate) => fate.lastError),
      mails.map((mail) => mail.sealedContent ?? null),
      now ?? null,
    ],
  );
  await markTold(client, mails, now);
}

async function markTold(
  client: PoolClient,
  mails: readonly StoredMail[],
  now: Date | undefined,
): Promise<void> {
  const told = mails.flatMap(({ id, noticeIds = [] }) =>
    noticeIds.map((noticeId) => ({ noticeId, mailId: id })),
  );
  if (told.length === 0) return;
  await client.query(
    `update notices n set told_at = coalesce($3::timestamptz, now()), mail_id = t.mail_id
       from unnest($1::uuid[], $2::uuid[]) as t(id, mail_id) where n.id = t.id`,
    [told.map(({ noticeId }) => noticeId), told.map(({ mailId }) => mailId), now ?? null],
  );
}

/** Index: the primary key of suppressed_addresses. */
async function readSuppressed(
  client: PoolClient,
  mails: readonly StoredMail[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ key: string; answer: string }>(
    "select address_key as key, answer from suppressed_addresses where address_key = any($1)",
    [mails.map(({ address }) => addressKey(address))],
  );
  return new Map(rows.map(({ key, answer }) => [key, answer]));
}

function fateOf({ address, keep }: StoredMail, suppressed: ReadonlyMap<string, string>): Fate {
  const recipient = parseMailAddress(address);
  if (recipient === null) {
    return { recipient: address, state: "failed", lastError: "This is not a valid mail address." };
  }
  const answer = suppressed.get(addressKey(address));
  if (answer !== undefined) {
    return {
      recipient,
      state: "suppressed",
      lastError: `The address was refused before: ${answer}`,
    };
  }
  return { recipient, state: keep ? "kept" : "queued", lastError: null };
}
