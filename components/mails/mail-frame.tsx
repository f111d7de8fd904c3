import { Container, Head, Html, Link, Preview, Section, Text } from "@react-email/components";
import type { ReactNode } from "react";
import type { Locale } from "#lib/messages/locales.ts";
import { fonts, light, mailStyles } from "./mail-colors.ts";

/** Why one gets a mail, and where one ends such mails; null: there is nothing to end. */
export type Footer = {
  lines: readonly string[];
  unsubscribe: { label: string; url: string } | null;
};

/** What every mail has around its content: name of the product, card, and below it why one gets the mail. */
export function MailFrame({
  locale,
  preview,
  footer,
  children,
}: {
  locale: Locale;
  preview: string;
  footer: Footer;
  children: ReactNode;
}) {
  return (
    <Html lang={locale}>
      <Head>
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <style>{mailStyles}</style>
      </Head>
      {/* React Email's Body paints an inner cell that no dark rule reaches, so the page is painted here. */}
      <body className="bg" style={page}>
        <Preview>{preview}</Preview>
        <table width="100%" cellPadding={0} cellSpacing={0} border={0} role="presentation">
          <tbody>
            <tr>
              <td className="bg page" style={{ ...page, padding: "32px 16px" }}>
                <Container style={{ maxWidth: 568, width: "100%" }}>
                  <Text className="ink inset" style={brandLine}>
                    Tocsin
                  </Text>
                  <Section className="surface" style={card}>
                    {children}
                  </Section>
                  <Section className="inset" style={{ padding: "16px 28px 0" }}>
                    {footer.lines.map((line) => (
                      <Text key={line} className="dim" style={footerLine}>
                        {line}
                      </Text>
                    ))}
                    {footer.unsubscribe !== null && (
                      <Text className="dim" style={footerLine}>
                        <Link href={footer.unsubscribe.url} className="dim" style={footerLink}>
                          {footer.unsubscribe.label}
                        </Link>
                      </Text>
                    )}
                  </Section>
                </Container>
              </td>
            </tr>
          </tbody>
        </table>
      </body>
    </Html>
  );
}

const page = { backgroundColor: light.bg, margin: 0, fontFamily: fonts.text };

const brandLine = {
  margin: 0,
  padding: "0 28px 12px",
  color: light.ink,
  fontSize: 14,
  lineHeight: "20px",
  fontWeight: 650,
};

const card = {
  backgroundColor: light.surface,
  border: `1px solid ${light.line}`,
  borderRadius: 12,
};

const footerLine = { margin: "0 0 4px", color: light.dim, fontSize: 12, lineHeight: "18px" };
const footerLink = { color: light.dim, textDecoration: "underline" };
