import { useTranslations } from "next-intl";
import { Notice } from "#components/ui/notice.tsx";
import type { EndpointNotice as EndpointNoticeContent } from "#lib/endpoint-health/schema.ts";
import type { FormAction } from "#lib/form-state.ts";
import { formatDateTime } from "#lib/format.ts";
import { ResumeSending } from "./resume-sending.tsx";

/** What there is to tell about a channel's bot server, on every page of the channel. */
export function EndpointNotice({
  notice,
  channelId,
  timeZone,
  resumeSending,
}: {
  notice: EndpointNoticeContent;
  channelId: string;
  timeZone: string;
  resumeSending: FormAction;
}) {
  const t = useTranslations("channels.endpoint");
  const at = (date: Date) => formatDateTime(date, timeZone);
  switch (notice.kind) {
    case "recovered":
      return (
        <Notice tone="good" title={t("recovered", { time: at(notice.recoveredAt) })}>
          <p>{t("recoveredText", { since: at(notice.since), count: notice.failedCount })}</p>
        </Notice>
      );
    case "failing":
      return (
        <Notice
          tone={notice.percent < 90 ? "warn" : "bad"}
          title={t("failing", { since: at(notice.since) })}
        >
          <p>{failingText(t, notice, at)}</p>
          <LastError notice={notice} time={at(notice.lastFailureAt)} />
        </Notice>
      );
    case "suspended":
      return (
        <Notice tone="bad" title={t("suspended", { time: at(notice.suspendedAt) })}>
          <p>{t("suspendedText", { since: at(notice.since) })}</p>
          <LastError notice={notice} time={at(notice.lastFailureAt)} />
          {notice.canResume ? (
            <ResumeSending channelId={channelId} action={resumeSending} />
          ) : (
            <p>{t("askAdmin")}</p>
          )}
        </Notice>
      );
  }
}

type Failing = Extract<EndpointNoticeContent, { kind: "failing" }>;
type Texts = ReturnType<typeof useTranslations<"channels.endpoint">>;

function failingText(t: Texts, notice: Failing, at: (date: Date) => string): string {
  const { percent, limitAt, suspends } = notice;
  if (suspends) return t("suspends", { percent, time: at(limitAt) });
  return percent === 100
    ? t("reached", { time: at(limitAt) })
    : t("continues", { percent, time: at(limitAt) });
}

function LastError({
  notice: { reason, detail, failedCount: count },
  time,
}: {
  notice: Pick<Failing, "reason" | "detail" | "failedCount">;
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
