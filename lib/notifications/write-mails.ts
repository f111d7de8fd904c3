import type { PoolClient } from "pg";
import { v7 as newId } from "uuid";
import { endpointSteps } from "#lib/endpoint-health/schema.ts";
import type { Audience, Recipient } from "./find-recipients.ts";
import { channelNameLengthMax, toHeaderSafe } from "./header-safe.ts";
import { parseMailAddress } from "./mail-address.ts";
import type {
  ClosingOptions,
  MailState,
  NotificationContent,
  RenderedMail,
  SettledNotification,
} from "./schema.ts";
import { subjectFor } from "./subject.ts";

type NewMail = RenderedMail & {
  id: string;
  notificationId: string;
  channelId: string;
  recipient: string;
  locale: string;
  subject: string;
  state: MailState;
  messageId: string;
  lastError: string | null;
};

/** Renders and stores one mail per notification and recipient; returns how many. A channel that is gone gets none. */
export async function writeMails(
  client: PoolClient,
  settled: readonly SettledNotification[],
  audiences: ReadonlyMap<string, Audience>,
  options: ClosingOptions,
): Promise<number> {
  const mails: NewMail[] = [];
  for (const notification of settled) {
    const audience = audiences.get(notification.channelId);
    if (audience !== undefined)
      mails.push(...(await composeMails(notification, audience, options)));
  }
  if (mails.length > 0) await insertMails(client, mails);
  return mails.length;
}

async function composeMails(
  notification: SettledNotification,
  { channelName, recipients }: Audience,
  options: ClosingOptions,
): Promise<NewMail[]> {
  const subject = subjectFor(notification.type, channelName);
  const rendered = new Map<string, Promise<RenderedMail>>();
  const renderFor = ({ locale, timeZone }: Recipient): Promise<RenderedMail> => {
    const zone = timeZone ?? options.displayTimeZone;
    const known = rendered.get(`${locale} ${zone}`);
    if (known !== undefined) return known;
    const { id: _id, key, ...content } = notification;
    const made = options.render({
      ...content,
      ...meaningOf(notification),
      channelName: toHeaderSafe(channelName, channelNameLengthMax),
      locale,
      timeZone: zone,
    });
    rendered.set(`${locale} ${zone}`, made);
    return made;
  };
  return await Promise.all(
    recipients.map(async (recipient) => {
      const id = newId();
      const { html, text } = await renderFor(recipient);
      return {
        id,
        notificationId: notification.id,
        channelId: notification.channelId,
        ...toWhom(recipient, options.keep),
        locale: recipient.locale,
        subject,
        html,
        text,
        messageId: `<${id}@${options.messageIdDomain}>`,
      };
    }),
  );
}

/** A key is a step or a status code, by the type. */
function meaningOf({
  type,
  key,
}: SettledNotification): Pick<NotificationContent, "step" | "statusCode"> {
  if (type === "endpoint_failing") {
    return { step: endpointSteps.find((step) => step === key) ?? null, statusCode: null };
  }
  return { step: null, statusCode: key === "none" ? null : Number(key) };
}

/** An address that no mail server should ever see is stored as it is and never sent to. */
function toWhom(
  { address }: Recipient,
  keep: boolean,
): Pick<NewMail, "recipient" | "state" | "lastError"> {
  const recipient = parseMailAddress(address);
  if (recipient === null) {
    return { recipient: address, state: "failed", lastError: "This is not a valid mail address." };
  }
  return { recipient, state: keep ? "kept" : "queued", lastError: null };
}

async function insertMails(client: PoolClient, mails: readonly NewMail[]): Promise<void> {
  await client.query(
    `insert into mails (id, notification_id, channel_id, recipient, locale, subject, html, text, state, message_id, last_error)
     select id, notification_id, channel_id, recipient, locale, subject, html, text, state::mail_state, message_id, last_error
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                   $9::text[], $10::text[], $11::text[])
         as m(id, notification_id, channel_id, recipient, locale, subject, html, text, state, message_id, last_error)
     on conflict (notification_id, recipient) do nothing`,
    [
      mails.map((mail) => mail.id),
      mails.map((mail) => mail.notificationId),
      mails.map((mail) => mail.channelId),
      mails.map((mail) => mail.recipient),
      mails.map((mail) => mail.locale),
      mails.map((mail) => mail.subject),
      mails.map((mail) => mail.html),
      mails.map((mail) => mail.text),
      mails.map((mail) => mail.state),
      mails.map((mail) => mail.messageId),
      mails.map((mail) => mail.lastError),
    ],
  );
}
