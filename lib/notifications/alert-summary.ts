import { causeHref } from "#lib/causes/schema.ts";
import type { EndpointStep } from "#lib/endpoint-health/schema.ts";
import { messagesFor } from "#lib/messages/catalogue.ts";
import { causeUrlFor } from "./cause-url.ts";
import { meaningOf } from "./meaning.ts";
import { type NotificationContent, type NotificationType, notificationTypes } from "./schema.ts";
import { notificationsPath } from "./tab-path.ts";

/** Of a notification what an alert says. */
export type AlertContent = Pick<
  NotificationContent,
  | "type"
  | "channelId"
  | "channelName"
  | "reason"
  | "detail"
  | "errorCount"
  | "detectedAt"
  | "closedAt"
  | "reminder"
  | "news"
  | "likelyCause"
  | "isCounted"
  | "taken"
> & { id: string; key: string };

type Link = { text: string; url: string };

/** What an alert says to people, as plain text; each kind marks it up and cuts it in its own way. */
export type AlertSummary = {
  title: string;
  channelName: string;
  /** Lines. */
  facts: readonly string[];
  /** In the words of the console, and where more of it stands. */
  cause: { title: string; link: Link; action: string } | null;
  link: Link;
};

/** In English, as the platform's own mails. Holds no event, no secret and nothing that a bot server answered. */
export function alertSummary(content: AlertContent, baseUrl: string): AlertSummary {
  const { type, channelName, likelyCause: cause } = content;
  const words = messagesFor("en").causes;
  return {
    title: notificationTypes[type].alertTitle,
    channelName,
    facts: factsOf(content),
    cause:
      cause === null
        ? null
        : {
            title: words.labels.title,
            link: { text: words[cause].name, url: `${baseUrl}${causeHref(cause)}` },
            action: words[cause].action,
          },
    link: {
      text: linkTexts[type],
      url: alertUrl(content, baseUrl),
    },
  };
}

const linkTexts: Readonly<Record<NotificationType, string>> = {
  error_detected: "See these errors",
  redelivery_stopped: "See these errors",
  endpoint_failing: "See these errors",
  recovered: "See these errors",
  certificate_ends: "See the certificate",
  test: "See the alert targets",
};

/** Where an alert leads. */
export function alertUrl(content: AlertContent, baseUrl: string): string {
  if (content.type === "test") return `${baseUrl}${notificationsPath(content.channelId)}`;
  return causeUrlFor(baseUrl, { ...content, ...meaningOf(content) });
}

function factsOf(content: AlertContent): string[] {
  const { type, reason, detail, errorCount, detectedAt, reminder, news, taken = [] } = content;
  if (type === "test") return ["The alerts of this channel come here"];
  if (type === "certificate_ends") return [detail];
  const { step } = meaningOf(content);
  return [
    ...(step === null ? [] : [stepText(step)]),
    `${reason} · ${detail} · ${errorsIn(errorCount)} since ${detectedAt.toISOString()}`,
    ...(news?.ceasedSince == null
      ? []
      : [`Nothing has been delivered since ${news.ceasedSince.toISOString()}`]),
    ...(reminder === null || reminder.heldCount === 0
      ? []
      : [`and ${errorsIn(reminder.heldCount)} more ${heldSince(reminder.since)}`]),
    ...taken.map(
      ({ by, detail: problem, at }) =>
        `${by ?? "Someone whose account was deleted"} has been on “${problem}” since ${at.toISOString()}`,
    ),
  ];
}

const heldSince = (since: Date | null): string =>
  since === null
    ? "before, below the channel's threshold"
    : `since the last alert of ${since.toISOString()}`;

const stepText = (step: EndpointStep): string =>
  step === "suspended"
    ? "Sending is suspended until an Admin resumes it"
    : `Every attempt has failed: ${step} % of the limit (ENDPOINT_FAILING_LIMIT) is used`;

const errorsIn = (count: number): string => `${count} ${count === 1 ? "error" : "errors"}`;
