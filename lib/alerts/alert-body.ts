import { errorsUrlFor } from "#lib/notifications/errors-url.ts";
import type { SettledNotification } from "#lib/notifications/schema.ts";
import type { AlertKind } from "./schema.ts";

export type AlertContent = Omit<SettledNotification, "lastAt" | "reasons"> & {
  channelName: string;
};

const titles = {
  error_detected: "Bot server returned no response or an error",
  redelivery_stopped: "Webhook redelivery stopped",
  endpoint_failing: "Bot server keeps failing",
  recovered: "Bot server has recovered",
  test: "Test alert: nothing failed",
} as const satisfies Record<SettledNotification["type"], string>;

/**
 * The body of one alert: JSON for a signed webhook, or the `text` that Slack's incoming webhooks take. In English, as the
 * platform's own mails. Holds no event, no secret and nothing that a bot server answered.
 */
export function alertBody(kind: AlertKind, content: AlertContent, baseUrl: string): string {
  const statusCode = /^\d{3}$/.test(content.key) ? Number(content.key) : null;
  const url = errorsUrlFor(baseUrl, { ...content, statusCode });
  return JSON.stringify(kind === "slack" ? slackBody(content, url) : webhookBody(content, url));
}

function webhookBody(content: AlertContent, url: string) {
  const { id, type, channelId, channelName, reason, detail, errorCount, detectedAt, closedAt } =
    content;
  return {
    type: `channel.${type}`,
    timestamp: closedAt.toISOString(),
    data: {
      notificationId: id,
      ...{ channelId, channelName, reason, detail, errorCount },
      detectedAt: detectedAt.toISOString(),
      url,
    },
  };
}

function slackBody(content: AlertContent, url: string) {
  const { type, channelName, reason, detail, errorCount, detectedAt } = content;
  const facts = `${reason} · ${detail} · ${errorCount} ${errorCount === 1 ? "error" : "errors"} since ${detectedAt.toISOString()}`;
  return {
    text: `*${titles[type]}* - ${escaped(channelName)}\n${escaped(facts)}\n<${url}|See these errors>`,
  };
}

/** Slack reads these three as markup. */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
