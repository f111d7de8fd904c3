import { useTranslations } from "next-intl";
import { Callout } from "#components/ui/callout.tsx";
import type { HealthReport } from "#lib/endpoint-health/schema.ts";
import type { FormAction } from "#lib/form-state.ts";
import { formatDateTime } from "#lib/format.ts";
import { ResumeSending } from "./resume-sending.tsx";

/** What there is to tell about a channel's bot server, on every page of the channel. */
export function HealthCallout({
  report,
  channelId,
  timeZone,
  resumeSending,
}: {
  report: HealthReport;
  channelId: string;
  timeZone: string;
  resumeSending: FormAction;
}) {
  const t = useTranslations("channels.endpoint");
  const at = (date: Date) => formatDateTime(date, timeZone);
  switch (report.kind) {
    case "recovered":
      return (
        <Callout tone="good" title={t("recovered", { time: at(report.recoveredAt) })}>
          <p>{t("recoveredText", { since: at(report.since), count: report.failedCount })}</p>
        </Callout>
      );
    case "failing":
      return (
        <Callout
          tone={report.percent < 90 ? "warn" : "bad"}
          title={t("failing", { since: at(report.since) })}
        >
          <p>{failingText(t, report, at)}</p>
          <LastError report={report} time={at(report.lastFailureAt)} />
        </Callout>
      );
    case "suspended":
      return (
        <Callout tone="bad" title={t("suspended", { time: at(report.suspendedAt) })}>
          <p>{t("suspendedText", { since: at(report.since) })}</p>
          <LastError report={report} time={at(report.lastFailureAt)} />
          {report.canResume ? (
            <ResumeSending channelId={channelId} action={resumeSending} />
          ) : (
            <p>{t("askAdmin")}</p>
          )}
        </Callout>
      );
  }
}

type Failing = Extract<HealthReport, { kind: "failing" }>;
type Texts = ReturnType<typeof useTranslations<"channels.endpoint">>;

function failingText(t: Texts, report: Failing, at: (date: Date) => string): string {
  const { percent, limitAt, suspends } = report;
  if (suspends) return t("suspends", { percent, time: at(limitAt) });
  return percent === 100
    ? t("reached", { time: at(limitAt) })
    : t("continues", { percent, time: at(limitAt) });
}

function LastError({
  report: { reason, detail, failedCount: count },
  time,
}: {
  report: Pick<Failing, "reason" | "detail" | "failedCount">;
  time: string;
}) {
  const t = useTranslations("channels.endpoint");
  return (
    <p className="text-sm text-dim">
      {t("lastError", { count, time })} <code className="font-mono">{reason}</code>
      {" · "}
      {detail}
    </p>
  );
}
