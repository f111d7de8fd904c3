import { Heading, Link, Section, Text } from "@react-email/components";
import type { ReactNode } from "react";
import { light } from "./mail-colors.ts";

/** The inside of a mail's card. */
export function MailBody({ children }: { children: ReactNode }) {
  return (
    <Section className="inset" style={{ padding: "24px 28px 28px" }}>
      {children}
    </Section>
  );
}

export function MailTitle({ children }: { children: ReactNode }) {
  return (
    <Heading as="h1" className="ink" style={title}>
      {children}
    </Heading>
  );
}

export function Paragraph({ children }: { children: ReactNode }) {
  return (
    <Text className="ink" style={paragraph}>
      {children}
    </Text>
  );
}

export type MailPart = {
  title: string;
  lines: readonly string[];
  /** Where more of it stands. */
  link?: { label: string; url: string };
};

/** A heading with a sentence or a list below it. */
export function Part({ title: heading, lines, link }: MailPart) {
  return (
    <>
      <Heading as="h2" className="ink" style={subtitle}>
        {heading}
      </Heading>
      {lines.length === 1 ? (
        <Paragraph>{lines[0]}</Paragraph>
      ) : (
        <ul className="ink" style={list}>
          {lines.map((line) => (
            <li key={line} style={{ margin: "0 0 2px" }}>
              {line}
            </li>
          ))}
        </ul>
      )}
      {link !== undefined && (
        <Text className="ink" style={paragraph}>
          <Link href={link.url} className="brand" style={{ color: light.brand }}>
            {link.label}
          </Link>
        </Text>
      )}
    </>
  );
}

export function ActionLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Section style={{ paddingTop: 24 }}>
      <Link href={href} className="button" style={button}>
        {children}
      </Link>
    </Section>
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
