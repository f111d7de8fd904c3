import type { Locale } from "#lib/messages/locales.ts";
import { footerText } from "./footer-text.ts";
import { type Footer, MailFrame } from "./mail-frame.tsx";
import { ActionLink, MailBody, MailTitle, Paragraph } from "./mail-parts.tsx";

export type PlainWords = {
  locale: Locale;
  title: string;
  lead: readonly string[];
  action: { label: string; url: string };
  footer: Footer;
};

/** A mail of a few sentences and one thing to do. */
export function PlainMail({ words }: { words: PlainWords }) {
  return (
    <MailFrame locale={words.locale} preview={words.lead[0] ?? ""} footer={words.footer}>
      <MailBody>
        <MailTitle>{words.title}</MailTitle>
        {words.lead.map((sentence) => (
          <div key={sentence} style={{ paddingBottom: 8 }}>
            <Paragraph>{sentence}</Paragraph>
          </div>
        ))}
        <ActionLink href={words.action.url}>{words.action.label}</ActionLink>
      </MailBody>
    </MailFrame>
  );
}

/** The same for those who read text. */
export function plainText(words: PlainWords): string {
  return [
    words.title,
    ...words.lead,
    `${words.action.label}:\n${words.action.url}`,
    footerText(words.footer),
  ].join("\n\n");
}
