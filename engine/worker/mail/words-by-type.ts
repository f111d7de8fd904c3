import type { NotificationWords } from "#components/mails/notification-mail.tsx";
import type { FailingPolicy } from "#lib/endpoint-health/schema.ts";
import { formatDateTime } from "#lib/format.ts";
import { readCertificateDetail } from "#lib/notifications/certificate-detail.ts";
import { listedReasons } from "#lib/notifications/news.ts";
import type { News, NotificationContent } from "#lib/notifications/schema.ts";
import type { MailTexts } from "./mail-words.ts";

type Opening = Pick<NotificationWords, "title" | "lead">;

export type WordsByType = Opening & {
  /** What to do now; null: what the error of the mail usually means and what to check. */
  advice: NotificationWords["parts"] | null;
  /** Where its button leads. */
  leadsTo: "errors" | "notifications" | "certificate";
};

const aboutErrors = { advice: null, leadsTo: "errors" } as const;

/** What hangs on the type of a notification mail: how it begins, in one sentence or a few, what it advises, and where it leads. */
export function wordsByType(
  t: MailTexts,
  content: NotificationContent,
  policy: FailingPolicy,
): WordsByType {
  switch (content.type) {
    case "error_detected":
    case "redelivery_stopped":
      return { ...windowOpening(t, content), ...aboutErrors };
    case "endpoint_failing":
      return { ...failingOpening(t, content, policy), ...aboutErrors };
    case "recovered": {
      const advice = [{ title: t("recovered.nextTitle"), lines: t("recovered.next").split("\n") }];
      return { ...recoveredOpening(t, content), advice, leadsTo: "errors" };
    }
    case "certificate_ends":
      return {
        ...certificateOpening(t, content),
        advice: [{ title: t("checksTitle"), lines: t("certificateEnds.checks").split("\n") }],
        leadsTo: "certificate",
      };
    case "test": {
      const { channelName } = content;
      const opening = { title: t("test.title"), lead: [t("test.lead", { channelName })] };
      return { ...opening, advice: [], leadsTo: "notifications" };
    }
  }
}

function windowOpening(t: MailTexts, content: NotificationContent): Opening {
  const kind = content.type === "error_detected" ? "errorDetected" : "redeliveryStopped";
  const { channelName, detectedAt, closedAt, news } = content;
  const window = durationText(t, closedAt.getTime() - detectedAt.getTime());
  const lead = [
    t(`${kind}.lead`, { channelName, window }),
    ...(news === null ? [] : newsLines(t, news, content.timeZone)),
    ...reminderLines(t, content),
    ...takenLines(t, content),
  ];
  return { title: t(`${kind}.title`), lead };
}

/** What makes the mail worth sending, and which errors there were where they had several reasons. */
function newsLines(t: MailTexts, { as, ceasedSince, reasons }: News, timeZone: string): string[] {
  const why =
    as === "ceased" && ceasedSince !== null
      ? [t("news.ceased", { since: formatDateTime(ceasedSince, timeZone) })]
      : as === "reason" || as === "rise"
        ? [t(`news.${as}`)]
        : [];
  const listed = listedReasons(reasons);
  if (listed.length < 2) return why;
  const list = listed.map(([name, count]) => `${count} × ${name.replace(" ", " · ")}`).join(", ");
  return [...why, t("news.reasons", { list })];
}

function reminderLines(t: MailTexts, { reminder, news, timeZone }: NotificationContent): string[] {
  if (reminder === null) return [];
  if (reminder.since === null) return [t("heldBelow", { count: reminder.heldCount })];
  const said = { since: formatDateTime(reminder.since, timeZone), count: reminder.heldCount };
  return [t(news === null || news.as === "reminder" ? "reminder" : "held", said)];
}

function takenLines(t: MailTexts, { taken = [], timeZone }: NotificationContent): string[] {
  return taken.map(({ by, detail, at }) =>
    t("taken", { name: by ?? t("somebody"), problem: detail, since: formatDateTime(at, timeZone) }),
  );
}

function recoveredOpening(t: MailTexts, content: NotificationContent): Opening {
  const { channelName, detectedAt, closedAt, errorCount: count, timeZone } = content;
  return {
    title: t("recovered.title"),
    lead: [
      t("recovered.lead", {
        channelName,
        at: formatDateTime(closedAt, timeZone),
        since: formatDateTime(detectedAt, timeZone),
        duration: durationText(t, closedAt.getTime() - detectedAt.getTime()),
        count,
      }),
    ],
  };
}

function certificateOpening(t: MailTexts, content: NotificationContent): Opening {
  const { channelName, detail, closedAt, timeZone } = content;
  const certificate = readCertificateDetail(detail);
  if (certificate === null) return { title: t("certificateEnds.title"), lead: [detail] };
  const { host, endsAt } = certificate;
  const left = daysText(t, endsAt.getTime() - closedAt.getTime());
  const lead = t("certificateEnds.lead", {
    ...{ channelName, host, left },
    endsAt: formatDateTime(endsAt, timeZone),
  });
  return { title: t("certificateEnds.title"), lead: [lead, t("certificateEnds.then")] };
}

/** Since when, how long until the limit, and what happens then. */
function failingOpening(
  t: MailTexts,
  content: NotificationContent,
  policy: FailingPolicy,
): Opening {
  const { step, channelName, detectedAt, closedAt, timeZone } = content;
  const elapsedMs = closedAt.getTime() - detectedAt.getTime();
  const since = {
    channelName,
    since: formatDateTime(detectedAt, timeZone),
    limit: durationText(t, policy.limitMs),
  };
  if (step === "suspended") {
    return {
      title: t("endpointFailing.suspendedTitle"),
      lead: [t("endpointFailing.suspended", since), ...takenLines(t, content)],
    };
  }
  const title = t("endpointFailing.title");
  if (step === null || step === "100") {
    return { title, lead: [t("endpointFailing.limit", since), ...takenLines(t, content)] };
  }
  const remaining = durationText(t, Math.max(60_000, policy.limitMs - elapsedMs));
  const next = policy.suspends ? "suspends" : "continues";
  return {
    title,
    lead: [
      t(`endpointFailing.${next}`, { ...since, percent: step, remaining }),
      ...takenLines(t, content),
    ],
  };
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** `14 days`, to the nearest; between one and two, and below one, as `durationText` in whole hours, or minutes of the last one. */
function daysText(t: MailTexts, ms: number): string {
  const days = Math.round(ms / dayMs);
  if (days >= 2 || Math.abs(ms - dayMs) < hourMs) return t("window.days", { count: days });
  const unitMs = ms < hourMs ? 60_000 : hourMs;
  return durationText(t, Math.floor(ms / unitMs) * unitMs);
}

/** `36 hours 5 minutes`, `20 seconds`. */
function durationText(t: MailTexts, ms: number): string {
  const total = Math.round(ms / 1_000);
  if (total < 3_600 && total % 60 !== 0) return t("window.seconds", { count: total });
  const [hours, minutes] = [Math.floor(total / 3_600), Math.floor((total % 3_600) / 60)];
  if (hours === 0) return t("window.minutes", { count: minutes });
  if (minutes === 0) return t("window.hours", { count: hours });
  return t("window.both", {
    hours: t("window.hours", { count: hours }),
    minutes: t("window.minutes", { count: minutes }),
  });
}
