import { Link } from "@react-email/components";
import type { Locale } from "#lib/messages/locales.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import { footerText } from "./footer-text.ts";
import { fonts, light, reasonMarks } from "./mail-colors.ts";
import { type Footer, MailFrame } from "./mail-frame.tsx";
import { ActionLink, MailBody, MailTitle, Paragraph } from "./mail-parts.tsx";

/** One channel, or one thing that happened to it. */
export type TableLine = {
  key: string;
  name: string;
  url: string;
  /** Null: nothing failed. */
  reason: ErrorReason | null;
  /** Facts in small print, one line each. */
  facts: readonly string[];
  count: string;
};

export type TableWords = {
  locale: Locale;
  title: string;
  lead: readonly string[];
  lines: readonly TableLine[];
  /** Below the lines; null: all of them are shown. */
  more: string | null;
  action: { label: string; url: string };
  footer: Footer;
};

/** A mail that tells of many things, a line each. */
export function TableMail({ words }: { words: TableWords }) {
  return (
    <MailFrame locale={words.locale} preview={words.lead[0] ?? ""} footer={words.footer}>
      <MailBody>
        <MailTitle>{words.title}</MailTitle>
        {words.lead.map((sentence) => (
          <Paragraph key={sentence}>{sentence}</Paragraph>
        ))}
        <table width="100%" cellPadding={0} cellSpacing={0} border={0} style={table}>
          <tbody>
            {words.lines.map((line) => (
              <Line key={line.key} line={line} />
            ))}
          </tbody>
        </table>
        {words.more !== null && <Paragraph>{words.more}</Paragraph>}
        <ActionLink href={words.action.url}>{words.action.label}</ActionLink>
      </MailBody>
    </MailFrame>
  );
}

function Line({ line }: { line: TableLine }) {
  const mark = line.reason === null ? null : reasonMarks[line.reason];
  return (
    <tr>
      <td className="line ink" style={cell}>
        {mark !== null && (
          <span
            aria-hidden="true"
            className={`mark-${line.reason}`}
            style={{ color: mark.light, fontSize: 13, paddingRight: 8 }}
          >
            {mark.shape}
          </span>
        )}
        <Link href={line.url} className="brand" style={name}>
          {line.name}
        </Link>
        {line.facts.map((fact) => (
          <div key={fact} className="dim" style={small}>
            {fact}
          </div>
        ))}
      </td>
      <td className="line ink" align="right" style={number}>
        {line.count}
      </td>
    </tr>
  );
}

/** The same for those who read text. */
export function tableText(words: TableWords): string {
  return [
    words.title,
    ...words.lead,
    ...words.lines.map((line) =>
      [`${line.name}: ${line.count}`, ...line.facts, line.url].join("\n"),
    ),
    ...(words.more === null ? [] : [words.more]),
    `${words.action.label}:\n${words.action.url}`,
    footerText(words.footer),
  ].join("\n\n");
}

const table = { borderCollapse: "collapse", margin: "20px 0 0" } as const;
const cell = {
  borderTop: `1px solid ${light.line}`,
  padding: "10px 12px 10px 0",
  color: light.ink,
  fontSize: 14,
  lineHeight: "20px",
  verticalAlign: "top",
  wordBreak: "break-word",
} as const;
const number = { ...cell, padding: "10px 0", whiteSpace: "nowrap", fontWeight: 550 } as const;
const name = { color: light.brand, fontWeight: 550, textDecoration: "none" };
const small = { color: light.dim, fontFamily: fonts.mono, fontSize: 12, lineHeight: "18px" };
