import type { NotificationContent } from "#lib/notifications/schema.ts";
import { footerText } from "./footer-text.ts";
import { notificationItems } from "./notification-items.ts";
import type { NotificationWords } from "./notification-mail.tsx";

/** The same mail for those who read text. Lines are not wrapped: the reader's program knows its own width. */
export function notificationText(content: NotificationContent, words: NotificationWords): string {
  const items = notificationItems(content).map(({ label, value }) => `${label}: ${value}`);
  const bulleted = (lines: readonly string[]): string =>
    lines.length === 1 ? `${lines[0]}` : lines.map((line) => `- ${line}`).join("\n");
  return [
    words.title,
    ...words.lead,
    items.join("\n"),
    ...words.parts.map(({ title, lines, link }) =>
      [title, bulleted(lines), ...(link === undefined ? [] : [link.url])].join("\n"),
    ),
    `${words.action.label}:\n${words.action.url}`,
    footerText(words.footer),
  ].join("\n\n");
}
