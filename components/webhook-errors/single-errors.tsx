import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { momentText } from "#components/statistics/moment-text.ts";
import { cn } from "#components/ui/cn.ts";
import { Link } from "#components/ui/link.tsx";
import { PartHeading } from "#components/ui/part-heading.tsx";
import { formatMillis, formatOffset } from "#lib/format.ts";
import { errorsHref } from "#lib/webhook-errors/filter.ts";
import type { NextStep, SingleError } from "#lib/webhook-errors/schema.ts";
import type { ErrorsView } from "./errors-view.ts";

type SingleErrorsProps = {
  errors: readonly SingleError[];
  /** How many the row counts; more than are listed here. */
  total: number;
  view: ErrorsView;
  /** The one shown in full, below its line. */
  detail: ReactNode;
  retentionDays: number;
};

/** The single errors behind a row, newest first, each with what happens next. */
export function SingleErrors({ errors, total, view, detail, retentionDays }: SingleErrorsProps) {
  const t = useTranslations("webhook-errors.row");
  return (
    <>
      <PartHeading>{t("single", { count: Math.max(total, errors.length) })}</PartHeading>
      {errors.length === 0 && <p className="text-dim">{t("gone", { days: retentionDays })}</p>}
      <ul className={cn(detail === null && "max-h-72 overflow-y-auto")}>
        {errors.map((error) => (
          <SingleLine
            key={`${error.webhookId}.${error.attempt}`}
            error={error}
            view={view}
            detail={detail}
          />
        ))}
      </ul>
      {errors.length > 0 && total > errors.length && (
        <p className="mt-1.5 text-sm text-dim">{t("newest", { count: errors.length })}</p>
      )}
    </>
  );
}

function SingleLine({
  error,
  view,
  detail,
}: {
  error: SingleError;
  view: ErrorsView;
  detail: ReactNode;
}) {
  const t = useTranslations("webhook-errors.row");
  const { channelId, filter, timeZone, hasOffsets } = view;
  const { webhookId, attempt } = error;
  const isOpen = filter.error?.webhookId === webhookId && filter.error.attempt === attempt;
  const { occurredAt: at } = error;
  const clock = formatMillis(at, timeZone);
  const time = hasOffsets ? `${clock} ${formatOffset(at, timeZone)}` : clock;
  return (
    <li>
      <p className="relative flex flex-wrap items-baseline gap-x-3 rounded-sm py-0.5 hover:bg-surface/70">
        <Link
          href={errorsHref(channelId, filter, { error: isOpen ? null : { webhookId, attempt } })}
          scroll={false}
          prefetch={false}
          aria-expanded={isOpen}
          aria-label={t(isOpen ? "hide" : "show", { time, attempt })}
          className="font-mono text-sm tabular-nums underline decoration-line underline-offset-4 after:absolute after:inset-0 hover:decoration-current"
        >
          {time}
        </Link>
        <span>
          {t("attempt", { attempt })}
          {attempt > 1 && ` · ${t("redelivery")}`}
        </span>
        <span className="ml-auto text-dim">
          <NextStepText step={error.next} timeZone={timeZone} />
        </span>
      </p>
      {isOpen && detail}
    </li>
  );
}

function NextStepText({ step, timeZone }: { step: NextStep; timeZone: string }) {
  const t = useTranslations("webhook-errors.next");
  switch (step.state) {
    case "waiting":
    case "delivered":
    case "failed":
    case "stopped":
    case "cancelled":
    case "not_sent":
      return t(step.state, { time: momentText(step.at, timeZone) });
    case "sending":
    case "unknown":
      return t(step.state);
  }
}
