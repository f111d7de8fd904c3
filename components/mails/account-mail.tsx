import { Text } from "@react-email/components";
import type { Locale } from "#lib/messages/locales.ts";
import { FactTable } from "./fact-table.tsx";
import { light } from "./mail-colors.ts";
import { MailFrame } from "./mail-frame.tsx";
import { ActionLink, MailBody, MailTitle, Paragraph } from "./mail-parts.tsx";

/** The words of a mail about an account, in its reader's language. */
export type AccountMailWords = {
  title: string;
  lead: string;
  facts: readonly { label: string; value: string }[];
  action: string;
  note: string;
  footer: readonly string[];
};

export function AccountMail({
  locale,
  words,
  url,
}: {
  locale: Locale;
  words: AccountMailWords;
  url: string;
}) {
  return (
    <MailFrame
      locale={locale}
      preview={words.lead}
      footer={{ lines: words.footer, unsubscribe: null }}
    >
      <MailBody>
        <MailTitle>{words.title}</MailTitle>
        <Paragraph>{words.lead}</Paragraph>
        {words.facts.length > 0 && <FactTable facts={words.facts} />}
        <ActionLink href={url}>{words.action}</ActionLink>
        <Text className="dim" style={note}>
          {words.note}
        </Text>
      </MailBody>
    </MailFrame>
  );
}

const note = { margin: "24px 0 0", color: light.dim, fontSize: 13, lineHeight: "20px" };

/** The same for those who read text. */
export function accountMailText(words: AccountMailWords, url: string): string {
  const facts = words.facts.map(({ label, value }) => `${label}: ${value}`);
  return [
    words.title,
    words.lead,
    ...(facts.length > 0 ? [facts.join("\n")] : []),
    `${words.action}:\n${url}`,
    words.note,
    `-- \n${words.footer.join("\n")}`,
  ].join("\n\n");
}
