import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { useMailStanding } from "#components/statistics/mail-standing.ts";
import { Card } from "#components/ui/card.tsx";
import { Link } from "#components/ui/link.tsx";
import { formatCount, formatTime } from "#lib/format.ts";
import type { MailStanding } from "#lib/notifications/standing.ts";
import type { ErrorSummary } from "#lib/webhook-errors/schema.ts";
import { formatShare } from "./chart-tooltip.tsx";

type StripProps = {
  summary: ErrorSummary;
  /** Some errors of the range are left out. */
  isFiltered: boolean;
  mail: { standing: MailStanding; channelId: string; mayManage: boolean };
  timeZone: string;
  now: Date;
};

/** Left to right: how bad, how much of all, what happens next, who knows. */
export function SummaryStrip({ summary, isFiltered, mail, timeZone, now }: StripProps) {
  const t = useTranslations("webhook-errors.summary");
  const locale = useLocale();
  const { errorCount, webhookCount, waiting } = summary;
  const { value, note, causeHref } = useMailStanding({ ...mail, timeZone, now });
  const shown = t("waitingMore", { count: waiting.count });
  return (
    <Card aria-label={t("label")} className="overflow-hidden">
      <dl className="-mt-px -ml-px grid grid-cols-2 md:grid-cols-4">
        <Figure
          name={t(isFiltered ? "errorsFiltered" : "errors")}
          value={formatCount(errorCount, locale)}
          note={
            isFiltered
              ? `${t("ofErrors", { count: summary.allErrorCount })} · ${t("webhooks", { count: webhookCount })}`
              : t("webhooks", { count: webhookCount })
          }
        />
        <Figure
          name={t(isFiltered ? "failedAll" : "failed")}
          value={summary.failedShare === null ? "–" : formatShare(summary.failedShare, locale)}
          note={<ShareNote summary={summary} />}
        />
        <Figure
          name={t("waiting")}
          value={waiting.more ? shown : formatCount(waiting.count, locale)}
          note={<WaitingNote nextAt={waiting.nextAt} timeZone={timeZone} now={now} />}
        />
        <Figure
          name={t("mail")}
          value={value}
          note={
            mail.mayManage ? (
              <Link
                href={causeHref}
                className="text-brand underline-offset-2 hover:underline"
                prefetch={false}
              >
                {note}
              </Link>
            ) : (
              note
            )
          }
        />
      </dl>
    </Card>
  );
}

function Figure({ name, value, note }: { name: string; value: ReactNode; note: ReactNode }) {
  return (
    <div className="border-t border-l px-4 py-3.5 sm:px-5">
      <dt className="text-sm text-dim">{name}</dt>
      <dd className="text-2xl font-semibold tracking-tight tabular-nums">{value}</dd>
      <dd className="text-xs text-dim">{note}</dd>
    </div>
  );
}

function ShareNote({ summary }: { summary: ErrorSummary }) {
  const t = useTranslations("webhook-errors.summary");
  const locale = useLocale();
  const { attemptCount: count, failedShareBefore: before } = summary;
  if (count === 0) return t("noAttempts");
  if (before === null) return t("of", { count });
  return t("ofWas", { count, before: formatShare(before, locale) });
}

function WaitingNote({
  nextAt,
  timeZone,
  now,
}: {
  nextAt: Date | null;
  timeZone: string;
  now: Date;
}) {
  const t = useTranslations("webhook-errors.summary");
  if (nextAt === null) return t("nothingWaits");
  const seconds = Math.max(0, Math.round((nextAt.getTime() - now.getTime()) / 1_000));
  return seconds < 90
    ? t("nextIn", { seconds })
    : t("nextAt", { time: formatTime(nextAt, timeZone) });
}
