import type { NotificationContent } from "#lib/notifications/schema.ts";
import { ItemList } from "./item-list.tsx";
import { type Footer, MailFrame } from "./mail-frame.tsx";
import { ActionLink, MailBody, type MailPart, MailTitle, Paragraph, Part } from "./mail-parts.tsx";
import { notificationItems } from "./notification-items.ts";

/** The words of a notification mail in the recipient's language. */
export type NotificationWords = {
  title: string;
  /** Paragraphs. */
  lead: readonly string[];
  parts: readonly MailPart[];
  action: { label: string; url: string };
  footer: Footer;
};

/** Every type; the words make the difference. */
export function NotificationMail({
  content,
  words,
}: {
  content: NotificationContent;
  words: NotificationWords;
}) {
  return (
    <MailFrame locale={content.locale} preview={words.lead[0] ?? ""} footer={words.footer}>
      <MailBody>
        <MailTitle>{words.title}</MailTitle>
        {words.lead.map((sentence) => (
          <div key={sentence} style={{ paddingBottom: 8 }}>
            <Paragraph>{sentence}</Paragraph>
          </div>
        ))}
        <ItemList items={notificationItems(content)} reason={content.reason} />
        {words.parts.map((part) => (
          <Part key={part.title} {...part} />
        ))}
        <ActionLink href={words.action.url}>{words.action.label}</ActionLink>
      </MailBody>
    </MailFrame>
  );
}
