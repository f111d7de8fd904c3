import type { NotificationContent } from "#lib/notifications/schema.ts";
import { notificationItems } from "./notification-items.ts";
import type { NotificationWords } from "./notification-mail.tsx";

/** The same mail for those who read text. Lines are not wrapped: the reader's program knows its own width. */
export function notificationText(
  content: NotificationContent,
  words: NotificationWords,
  errorsUrl: string,
): string {
  const items = notificationItems(content).map(({ label, value }) => `${label}: ${value}`);
  return [
    words.title,
    words.lead,
    items.join("\n"),
    `${words.happenedTitle}\n${words.happened}`,
    `${words.causesTitle}\n${words.causes}`,
    `${words.checksTitle}\n${words.checks.map((check) => `- ${check}`).join("\n")}`,
    `${words.open}:\n${errorsUrl}`,
    `-- \n${words.footer.join("\n")}`,
  ].join("\n\n");
}
