import { render } from "@react-email/render";
import { createElement } from "react";
import { createTranslator } from "use-intl/core";
import { NotificationMail, type NotificationWords } from "#components/mails/notification-mail.tsx";
import { notificationText } from "#components/mails/notification-text.ts";
import type { FailingPolicy } from "#lib/endpoint-health/schema.ts";
import { messagesFor } from "#lib/messages/catalogue.ts";
import { errorsUrlFor } from "#lib/notifications/errors-url.ts";
import type { NotificationContent, RenderNotification } from "#lib/notifications/schema.ts";
import { explanationKey } from "#lib/webhook-errors/explain.ts";
import { mailWords, openingOf } from "./mail-opening.ts";

/**
 * Renders notification mails as HTML and as text. `baseUrl` is where people reach the console; `policy` says what a bot
 * server that keeps failing comes to.
 */
export function createRenderNotification(
  baseUrl: string,
  policy: FailingPolicy,
): RenderNotification {
  return async (given) => {
    const content = { ...given, timeZone: usableZone(given.timeZone) };
    const words = wordsFor(content, new URL(baseUrl).host, policy);
    const errorsUrl = errorsUrlFor(baseUrl, content);
    const mail = createElement(NotificationMail, { content, words, errorsUrl });
    return { html: await render(mail), text: notificationText(content, words, errorsUrl) };
  };
}

function wordsFor(
  content: NotificationContent,
  host: string,
  policy: FailingPolicy,
): NotificationWords {
  const { locale } = content;
  const messages = messagesFor(locale);
  const t = mailWords(locale);
  const explain = createTranslator({ locale, messages, namespace: "explanations" });
  const explanation = explanationKey(content.reason, content.detail);
  return {
    ...openingOf(t, content, policy),
    happenedTitle: t("happenedTitle"),
    happened: explain(`${explanation}.happened`),
    causesTitle: t("causesTitle"),
    causes: explain(`${explanation}.causes`),
    checksTitle: t("checksTitle"),
    checks: explain(`${explanation}.checks`).split("\n"),
    open: t("open"),
    footer: [t("footer.why"), t("footer.from", { host })],
  };
}

/** A zone that this version of Node does not know must not hold up everybody's mails: UTC is said as such. */
function usableZone(zone: string): string {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch {
    return "UTC";
  }
}
