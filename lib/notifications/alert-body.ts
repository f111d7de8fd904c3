import type { AlertKind, IncidentKind } from "./alert-kinds.ts";
import { type AlertContent, alertSummary, alertUrl } from "./alert-summary.ts";
import { cut, discordBody, lineBody, slackBody, teamsBody } from "./chat-bodies.ts";
import { meaningOf } from "./meaning.ts";
import type { NotificationType } from "./schema.ts";

/**
 * The body of one alert as JSON, without what is secret of its target (lib/alerts/alert-request.ts adds it). Holds no event
 * and nothing that a bot server answered.
 */
export function alertBody(kind: AlertKind, content: AlertContent, baseUrl: string): string {
  return JSON.stringify(bodies[kind](content, baseUrl));
}

const bodies: Readonly<Record<AlertKind, (content: AlertContent, baseUrl: string) => object>> = {
  webhook: webhookBody,
  slack: (content, baseUrl) => slackBody(alertSummary(content, baseUrl)),
  teams: (content, baseUrl) => teamsBody(alertSummary(content, baseUrl)),
  discord: (content, baseUrl) =>
    discordBody(alertSummary(content, baseUrl), {
      type: content.type,
      timestamp: content.closedAt,
    }),
  pagerduty: pagerDutyBody,
  line: (content, baseUrl) => lineBody(alertSummary(content, baseUrl)),
};

/** What failed; a test and a certificate tell of no failure, whatever stands in their rows. */
const failureOf = ({ type, reason, detail }: AlertContent) => ({
  reason: type === "test" || type === "certificate_ends" ? null : reason,
  detail: type === "test" ? null : detail,
});

function webhookBody(content: AlertContent, baseUrl: string) {
  const { id, type, channelId, channelName, errorCount, detectedAt, closedAt } = content;
  const { reminder, news, taken = [] } = content;
  return {
    type: `channel.${type}`,
    timestamp: closedAt.toISOString(),
    data: {
      notificationId: id,
      ...{ channelId, channelName, ...failureOf(content) },
      ...{ likelyCause: content.likelyCause, errorCount },
      heldCount: reminder?.heldCount ?? 0,
      heldSince: reminder?.since?.toISOString() ?? null,
      step: meaningOf(content).step,
      toldAs: news?.as ?? null,
      ceasedSince: news?.ceasedSince?.toISOString() ?? null,
      taken: taken.map(({ at, ...problem }) => ({ ...problem, at: at.toISOString() })),
      detectedAt: detectedAt.toISOString(),
      url: alertUrl(content, baseUrl),
    },
  };
}

const summaryMax = 1_024;

/** By what it is told as: whether somebody has to get up is decided there. */
const severities: Readonly<Record<NotificationType, "critical" | "error" | "warning" | "info">> = {
  error_detected: "error",
  redelivery_stopped: "error",
  endpoint_failing: "critical",
  certificate_ends: "warning",
  recovered: "info",
  test: "info",
};

/** What an alert begins at a target that keeps incidents. */
export type Incident = "errors" | "certificate" | "test";

export function incidentOf(type: NotificationType): Incident {
  if (type === "test") return "test";
  return type === "certificate_ends" ? "certificate" : "errors";
}

/** `id`: of a test. The errors of a channel have the bare key. */
const incidentKey = (channelId: string, incident: Incident, id = ""): string =>
  `tocsin-${channelId}${{ errors: "", certificate: "-certificate", test: `-test-${id}` }[incident]}`;

/** The body that resolves an incident at a target of a kind that keeps them, as JSON. */
export const resolveBody = (kind: IncidentKind, channelId: string, incident: Incident, id = "") =>
  JSON.stringify(resolving[kind](channelId, incident, id));

const resolving: Readonly<
  Record<IncidentKind, (channelId: string, incident: Incident, id: string) => object>
> = { pagerduty: pagerDutyResolve };

function pagerDutyResolve(channelId: string, incident: Incident, id: string) {
  return { event_action: "resolve", dedup_key: incidentKey(channelId, incident, id) };
}

/**
 * An event of PagerDuty's Events API v2. The errors of a channel are one incident, which its recovery resolves; its
 * certificate, and each test, are incidents of their own.
 */
function pagerDutyBody(content: AlertContent, baseUrl: string) {
  const { id, type, channelId, news } = content;
  const { title, channelName, facts, cause, link } = alertSummary(content, baseUrl);
  if (type === "recovered") return pagerDutyResolve(channelId, "errors", "");
  const incident = incidentOf(type);
  return {
    event_action: "trigger",
    dedup_key: incidentKey(channelId, incident, id),
    payload: {
      summary: cut(`${title} - ${channelName}: ${facts.join("; ")}`, summaryMax),
      source: `${channelName} (${channelId})`,
      severity: news?.as === "ceased" ? "critical" : severities[type],
      timestamp: content.closedAt.toISOString(),
      class: type,
      custom_details: {
        ...{ channelId, ...failureOf(content) },
        ...{ errorCount: content.errorCount, likelyCause: cause?.link.text ?? null },
        step: meaningOf(content).step,
      },
    },
    links: [{ href: link.url, text: link.text }],
    client: "Tocsin",
    client_url: baseUrl,
  };
}
