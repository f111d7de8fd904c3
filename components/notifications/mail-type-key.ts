import type { MailEntry, NotificationType } from "#lib/notifications/schema.ts";
import type { MailKind } from "#lib/outbox/schema.ts";

type OtherKind = Exclude<MailKind, "notification"> | "none";

/** Where the name of a mail's type stands in `mails.json`; "none" for a mail whose notification retention has taken. */
export function mailTypeKey({
  kind,
  type,
}: Pick<MailEntry, "kind" | "type">): `types.${NotificationType}` | `kinds.${OtherKind}` {
  if (kind !== "notification") return `kinds.${kind}`;
  return type === null ? "kinds.none" : `types.${type}`;
}
