import { causeHref, type LikelyCause } from "#lib/causes/schema.ts";
import { messagesFor } from "#lib/messages/catalogue.ts";
import type { AlertKind } from "./alert-kinds.ts";
import { causeUrlFor } from "./cause-url.ts";
import { type NotificationContent, notificationTypes } from "./schema.ts";

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
> & { id: string; key: string };

/**
 * The body of one alert: JSON for a signed webhook, or the `text` that Slack's incoming webhooks take. In English, as the
 * platform's own mails. Holds no event, no secret and nothing that a bot server answered.
 */
export function alertBody(kind: AlertKind, content: AlertContent, baseUrl: string): string {
  const statusCode = /^\d{3}$/.test(content.key) ? Number(content.key) : null;
  const url = causeUrlFor(baseUrl, { ...content, statusCode });
  const body = kind === "slack" ? slackBody : webhookBody;
  return JSON.stringify(body(content, { url, baseUrl }));
}

type Links = { url: string; baseUrl: string };

function webhookBody(content: AlertContent, { url }: Links) {
  const { id, type, channelId, channelName, reason, detail, errorCount, detectedAt, closedAt } =
    content;
  const { reminder, news } = content;
  return {
    type: `channel.${type}`,
    timestamp: closedAt.toISOString(),
    data: {
      notificationId: id,
      ...{ channelId, channelName, reason, detail, likelyCause: content.likelyCause, errorCount },
      heldCount: reminder?.heldCount ?? 0,
      heldSince: reminder?.since.toISOString() ?? null,
      toldAs: news?.as ?? null,
      ceasedSince: news?.ceasedSince?.toISOString() ?? null,
      detectedAt: detectedAt.toISOString(),
      url,
    },
  };
}

function slackBody(content: AlertContent, { url, baseUrl }: Links) {
  const { type, channelName, reason, detail, errorCount, detectedAt, reminder, news } = content;
  const { likelyCause } = content;
  const facts = [
    type === "certificate_ends"
      ? detail
      : `${reason} · ${detail} · ${errorsIn(errorCount)} since ${detectedAt.toISOString()}`,
    ...(news?.ceasedSince == null
      ? []
      : [`Nothing has been delivered since ${news.ceasedSince.toISOString()}`]),
    ...(reminder === null || reminder.heldCount === 0
      ? []
      : [
          `and ${errorsIn(reminder.heldCount)} more since the last alert of ${reminder.since.toISOString()}`,
        ]),
  ];
  return {
    text: [
      `*${notificationTypes[type].alertTitle}* - ${escaped(channelName)}`,
      ...facts.map(escaped),
      ...(likelyCause === null ? [] : [causeLine(likelyCause, baseUrl)]),
      `<${url}|${type === "certificate_ends" ? "See the certificate" : "See these errors"}>`,
    ].join("\n"),
  };
}

/** In the words of the console, and where more of it stands. */
function causeLine(cause: LikelyCause, baseUrl: string): string {
  const words = messagesFor("en").causes;
  const { name, action } = words[cause];
  const link = `<${baseUrl}${causeHref(cause)}|${escaped(name)}>`;
  return `${words.labels.title}: ${link} ${escaped(action)}`;
}

const errorsIn = (count: number): string => `${count} ${count === 1 ? "error" : "errors"}`;

/** Slack reads these three as markup. */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
