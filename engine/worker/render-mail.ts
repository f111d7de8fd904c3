import { render } from "@react-email/render";
import { createElement } from "react";
import { createTranslator } from "use-intl/core";
import { NotificationMail, type NotificationWords } from "#components/mails/notification-mail.tsx";
import { notificationText } from "#components/mails/notification-text.ts";
import { messagesFor } from "#lib/messages/catalogue.ts";
import { errorsUrlFor } from "#lib/notifications/errors-url.ts";
import type { NotificationContent, RenderNotification } from "#lib/notifications/schema.ts";
import { explanationKey } from "#lib/webhook-errors/explain.ts";

/** Renders notification mails as HTML and as text. `baseUrl` is where people reach the console. */
export function createRenderNotification(baseUrl: string): RenderNotification {
  return async (given) => {
    const content = { ...given, timeZone: usableZone(given.timeZone) };
    const words = wordsFor(content, new URL(baseUrl).host);
    const errorsUrl = errorsUrlFor(baseUrl, content);
    const mail = createElement(NotificationMail, { content, words, errorsUrl });
    return { html: await render(mail), text: notificationText(content, words, errorsUrl) };
  };
}

function wordsFor(content: NotificationContent, host: string): NotificationWords {
  const { locale } = content;
  const messages = messagesFor(locale);
  const t = createTranslator({ locale, messages, namespace: "mails" });
  const explain = createTranslator({ locale, messages, namespace: "explanations" });
  const explanation = explanationKey(content.reason, content.detail);
  const kind = content.type === "error_detected" ? "errorDetected" : "redeliveryStopped";
  const seconds = (content.closedAt.getTime() - content.detectedAt.getTime()) / 1_000;
  const window =
    seconds % 60 === 0
      ? t("window.minutes", { count: seconds / 60 })
      : t("window.seconds", { count: seconds });
  return {
    title: t(`${kind}.title`),
    lead: t(`${kind}.lead`, { channelName: content.channelName, window }),
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
