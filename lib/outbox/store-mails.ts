import { addressKey, parseMailAddress } from "./mail-address.ts";
import type { NewMail } from "./schema.ts";
import type { RunStatement } from "./statement.ts";

/**
 * The one writer of mails, and the one rule of who may be written to, for every kind there is: an address that no mail
 * server should ever see is stored as typed and failed; a mail to one that is stopped is stored and not sent; where there
 * is no mail server a mail is kept; any other is queued. `now` is the database's time when absent.
 */
export async function storeMails(
  run: RunStatement,
  mails: readonly NewMail[],
  now: Date | undefined,
): Promise<void> {
  if (mails.length === 0) return;
  await run(insertion, [JSON.stringify(mails.map(toRow)), now ?? null]);
}

/** Index: the primary key of suppressed_addresses. */
const insertion = `
  insert into mails (id, kind, notification_id, channel_id, recipient, locale, subject, html, text, message_id,
                     unsubscribe_url, sealed_content, state, last_error, created_at, queued_at, due_at)
  select m.id, m.kind, m."notificationId", m."channelId", coalesce(m.recipient, m.address), m.locale, m.subject, m.html,
         m.text, m."messageId", m."unsubscribeUrl", m."sealedContent",
         case when m.recipient is null then 'failed'
              when s.address_key is not null then 'suppressed'
              when m.keep then 'kept'
              else 'queued' end::mail_state,
         case when m.recipient is null then 'This is not a valid mail address.'
              when s.address_key is not null then 'The address is stopped: ' || s.answer end,
         at.now, at.now, at.now
    from jsonb_to_recordset($1::jsonb)
           as m(id uuid, kind text, "notificationId" uuid, "channelId" text, address text, recipient text, key text,
                locale text, subject text, html text, text text, "messageId" text, "unsubscribeUrl" text,
                "sealedContent" text, keep boolean)
         cross join (select coalesce($2::timestamptz, now()) as now) at
         left join suppressed_addresses s on s.address_key = m.key`;

const toRow = (mail: NewMail) => ({
  ...mail,
  recipient: parseMailAddress(mail.address),
  key: addressKey(mail.address),
});
