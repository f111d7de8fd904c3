import { createTranslator } from "use-intl/core";
import { messagesFor } from "#lib/messages/catalogue.ts";
import { mailSettings } from "#lib/outbox/mail-settings.ts";
import type { NoticeKind } from "#lib/outbox/schema.ts";

/** For the log: what is wrong and which setting mends it, in the words that Operations has. */
export function adviceFor(env: Parameters<typeof mailSettings>[0]): (kind: NoticeKind) => string {
  const t = createTranslator({
    locale: "en",
    messages: messagesFor("en"),
    namespace: "operations.mails.notices",
  });
  const settings = mailSettings(env);
  return (kind) => `${t(`${kind}.title`, settings)}. ${t(`${kind}.text`, settings)}`;
}
