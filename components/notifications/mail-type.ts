import type { MailEntry, NotificationType } from "#lib/notifications/schema.ts";
import type { MailKind } from "#lib/outbox/schema.ts";

/** The key of a mail's type among the texts; "none" for a mail whose notification retention has taken. */
export function mailTypeOf({
  kind,
  type,
}: Pick<MailEntry, "kind" | "type">):
  | NotificationType
  | Exclude<MailKind, "notification">
  | "none" {
  return kind === "notification" ? (type ?? "none") : kind;
}
