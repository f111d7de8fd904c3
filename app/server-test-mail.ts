import "server-only";
import { render } from "@react-email/render";
import { createElement } from "react";
import { createTranslator } from "use-intl/core";
import { PlainMail, type PlainWords, plainText } from "#components/mails/plain-mail.tsx";
import type { SessionUser } from "#lib/accounts/schema.ts";
import type { TransactionalDb } from "#lib/db.ts";
import { env, runtimeEnv } from "#lib/env.ts";
import { messagesFor } from "#lib/messages/catalogue.ts";
import type { Locale } from "#lib/messages/locales.ts";
import { parseMailbox } from "#lib/outbox/mail-address.ts";
import { postServerTest } from "#lib/outbox/server-test.ts";

/** Renders a test mail to the operator who asks and puts it into the outbox, before all that waits. */
export async function postServerTestMail(
  db: TransactionalDb,
  operator: SessionUser,
): Promise<void> {
  const { smtpUrl, mailFrom } = env();
  const words = wordsFor(operator.locale);
  await postServerTest(
    db,
    operator,
    {
      recipient: operator.email,
      locale: operator.locale,
      subject: words.title,
      html: await render(createElement(PlainMail, { words })),
      text: plainText(words),
    },
    {
      encryptionKey: runtimeEnv().encryptionKey,
      keep: smtpUrl === undefined,
      messageIdDomain: parseMailbox(mailFrom).address.split("@")[1] ?? "localhost",
    },
  );
}

function wordsFor(locale: Locale): PlainWords {
  const t = createTranslator({ locale, messages: messagesFor(locale), namespace: "operations" });
  const { baseUrl } = env();
  return {
    locale,
    title: t("mails.testMail.title"),
    lead: [t("mails.testMail.lead")],
    action: { label: t("mails.testMail.action"), url: `${baseUrl}/console/operations/outbox` },
    footer: {
      lines: [t("mails.testMail.why"), t("mails.testMail.from", { host: new URL(baseUrl).host })],
      unsubscribe: null,
    },
  };
}
