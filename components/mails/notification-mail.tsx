import { Heading, Link, Section, Text } from "@react-email/components";
import type { NotificationContent } from "#lib/notifications/schema.ts";
import { ItemList } from "./item-list.tsx";
import { light } from "./mail-colors.ts";
import { MailFrame } from "./mail-frame.tsx";
import { notificationItems } from "./notification-items.ts";

/** The words of a notification mail in the recipient's language. */
export type NotificationWords = {
  title: string;
  lead: string;
  happenedTitle: string;
  happened: string;
  causesTitle: string;
  causes: string;
  checksTitle: string;
  checks: readonly string[];
  open: string;
  footer: readonly string[];
};

/** Both types of the fact sheet 3.2; the words make the difference. */
export function NotificationMail({
  content,
  words,
  errorsUrl,
}: {
  content: NotificationContent;
  words: NotificationWords;
  errorsUrl: string;
}) {
  return (
    <MailFrame locale={content.locale} preview={words.lead} footer={words.footer}>
      <Section className="inset" style={{ padding: "24px 28px 28px" }}>
        <Heading as="h1" className="ink" style={title}>
          {words.title}
        </Heading>
        <Text className="ink" style={paragraph}>
          {words.lead}
        </Text>
        <ItemList items={notificationItems(content)} reason={content.reason} />
        <Part title={words.happenedTitle} lines={[words.happened]} />
        <Part title={words.causesTitle} lines={[words.causes]} />
        <Part title={words.checksTitle} lines={words.checks} />
        <Section style={{ paddingTop: 24 }}>
          <Link href={errorsUrl} className="button" style={button}>
            {words.open}
          </Link>
        </Section>
      </Section>
    </MailFrame>
  );
}

function Part({ title: heading, lines }: { title: string; lines: readonly string[] }) {
  return (
    <>
      <Heading as="h2" className="ink" style={subtitle}>
        {heading}
      </Heading>
      {lines.length === 1 ? (
        <Text className="ink" style={paragraph}>
          {lines[0]}
        </Text>
      ) : (
        <ul className="ink" style={list}>
          {lines.map((line) => (
            <li key={line} style={{ margin: "0 0 2px" }}>
              {line}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const title = {
  margin: "0 0 8px",
  color: light.ink,
  fontSize: 20,
  lineHeight: "28px",
  fontWeight: 650,
};
const subtitle = {
  margin: "24px 0 4px",
  color: light.ink,
  fontSize: 14,
  lineHeight: "20px",
  fontWeight: 650,
};
const paragraph = { margin: 0, color: light.ink, fontSize: 14, lineHeight: "22px" };
const list = { ...paragraph, padding: "0 0 0 18px" };
const button = {
  display: "inline-block",
  padding: "10px 18px",
  borderRadius: 8,
  backgroundColor: light.brand,
  color: light.onBrand,
  fontSize: 14,
  lineHeight: "20px",
  fontWeight: 550,
  textDecoration: "none",
};
