import { render } from "@react-email/render";
import { createElement } from "react";
import { createTranslator } from "use-intl/core";
import { NotificationMail, type NotificationWords } from "#components/mails/notification-mail.tsx";
import { notificationText } from "#components/mails/notification-text.ts";
import { causeHref, type LikelyCause } from "#lib/causes/schema.ts";
import type { FailingPolicy } from "#lib/endpoint-health/schema.ts";
import { messagesFor } from "#lib/messages/catalogue.ts";
import { causeUrlFor } from "#lib/notifications/cause-url.ts";
import type { NotificationContent, RenderNotification } from "#lib/notifications/schema.ts";
import { notificationsPath } from "#lib/notifications/tab-path.ts";
import { explanationKey } from "#lib/webhook-errors/explain.ts";
import { mailWords } from "./mail-words.ts";
import { wordsByType } from "./words-by-type.ts";

/**
 * Renders notification mails as HTML and as text. `baseUrl` is where people reach the console; `policy` says what a bot
 * server that keeps failing comes to.
 */
export function createRenderNotification(
  baseUrl: string,
  policy: FailingPolicy,
): RenderNotification {
  return async (given, unsubscribeUrl) => {
    const content = { ...given, timeZone: usableZone(given.timeZone) };
    const words = wordsFor(content, baseUrl, policy, unsubscribeUrl);
    const mail = createElement(NotificationMail, { content, words });
    return { html: await render(mail), text: notificationText(content, words) };
  };
}

function wordsFor(
  content: NotificationContent,
  baseUrl: string,
  policy: FailingPolicy,
  unsubscribeUrl: string,
): NotificationWords {
  const t = mailWords(content.locale);
  const { advice, leadsTo, ...opening } = wordsByType(t, content, policy);
  return {
    ...opening,
    parts: advice ?? explained(content, baseUrl),
    action:
      leadsTo === "notifications"
        ? { label: t("test.open"), url: `${baseUrl}${notificationsPath(content.channelId)}` }
        : {
            label: t(leadsTo === "certificate" ? "certificateEnds.open" : "open"),
            url: causeUrlFor(baseUrl, content),
          },
    footer: {
      lines: [t("footer.why"), t("footer.from", { host: new URL(baseUrl).host })],
      unsubscribe: { label: t("footer.unsubscribe"), url: unsubscribeUrl },
    },
  };
}

/** What the error of a mail means, what usually lies behind it, and what to check. */
function explained(content: NotificationContent, baseUrl: string): NotificationWords["parts"] {
  const { locale } = content;
  const t = mailWords(locale);
  const messages = messagesFor(locale);
  const explain = createTranslator({ locale, messages, namespace: "explanations" });
  const explanation = explanationKey(content.reason, content.detail);
  return [
    { title: t("happenedTitle"), lines: [explain(`${explanation}.happened`)] },
    ...(content.likelyCause === null
      ? [{ title: t("causesTitle"), lines: [explain(`${explanation}.causes`)] }]
      : likelyParts(locale, content.likelyCause, baseUrl)),
    { title: t("checksTitle"), lines: explain(`${explanation}.checks`).split("\n") },
  ];
}

/** The words of the console, and where more of it stands. */
function likelyParts(
  locale: NotificationContent["locale"],
  cause: LikelyCause,
  baseUrl: string,
): NotificationWords["parts"] {
  const t = createTranslator({ locale, messages: messagesFor(locale), namespace: "causes" });
  const link = { label: t("labels.more"), url: `${baseUrl}${causeHref(cause)}` };
  return [
    { title: `${t("labels.title")}: ${t(`${cause}.name`)}`, lines: [t(`${cause}.cause`)] },
    { title: t("labels.do"), lines: [t(`${cause}.action`)], link },
  ];
}

/** A zone that this version of Node does not know must not hold up everybody's mails: UTC is said as such. */
export function usableZone(zone: string): string {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch {
    return "UTC";
  }
}
