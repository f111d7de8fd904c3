import { useLocale, useTranslations } from "next-intl";
import { reasonLooks } from "#components/statistics/reason-mark.tsx";
import { Shape } from "#components/ui/shape.tsx";
import type { ChartSeries } from "#components/ui/time-chart.tsx";
import { formatCount, formatDate, formatMinute, formatOffset } from "#lib/format.ts";
import { isErrorReason } from "#lib/transport/error-class.ts";
import type { ChannelChange, ErrorBucket } from "#lib/webhook-errors/schema.ts";
import { ChangeText } from "./change-list.tsx";
import { totalOf } from "./chart-series.ts";

type TooltipProps = {
  bucket: ErrorBucket;
  series: readonly ChartSeries[];
  timeZone: string;
  filling: boolean;
  /** The bars are a part of the errors only, which makes no rate. */
  filtered: boolean;
  /** Within the bar. */
  changes: readonly ChannelChange[];
};

/** More are in the list below the chart. */
const changesShown = 5;

export function ChartTooltip(props: TooltipProps) {
  const { bucket, series, timeZone, filling, filtered, changes } = props;
  const t = useTranslations("webhook-errors.chart");
  const locale = useLocale();
  const errors = totalOf(bucket);
  const lines = series.filter((one) => (bucket.counts[one.key] ?? 0) > 0);
  return (
    <div className="max-w-72 min-w-44 rounded-control border bg-surface p-2.5 text-sm text-ink shadow-lg">
      <p className="mb-1 font-mono text-xs text-dim">
        {bucketText(bucket, timeZone)}
        {filling && ` · ${t("filling")}`}
      </p>
      {lines.map((one) => (
        <p key={one.key} className="flex items-center gap-1.5">
          {isErrorReason(one.key) ? (
            <Shape kind={reasonLooks[one.key].shape} className={reasonLooks[one.key].text} />
          ) : (
            <span aria-hidden className="size-2.5 rounded-xs" style={{ background: one.colour }} />
          )}
          <span className="mr-auto pr-4">{one.label}</span>
          <span className="tabular-nums">{formatCount(bucket.counts[one.key] ?? 0, locale)}</span>
        </p>
      ))}
      <p className="flex items-center gap-1.5 text-dim">
        <span aria-hidden className="h-0.5 w-2.5 bg-ok-line" />
        <span className="mr-auto pr-4">
          {bucket.deliveredCount === null ? t("notCounted") : t("delivered")}
        </span>
        {bucket.deliveredCount !== null && (
          <span className="tabular-nums">{formatCount(bucket.deliveredCount, locale)}</span>
        )}
      </p>
      {!filtered && bucket.deliveredCount !== null && errors + bucket.deliveredCount > 0 && (
        <p className="mt-1 flex border-t pt-1 text-dim">
          <span className="mr-auto">{t("rate")}</span>
          <span className="tabular-nums">
            {formatShare(errors / (errors + bucket.deliveredCount), locale)}
          </span>
        </p>
      )}
      {changes.slice(0, changesShown).map((change) => (
        <p key={change.id} className="mt-1 flex gap-1.5 border-t pt-1 text-xs">
          <span aria-hidden>⚑</span>
          <ChangeText change={change} />
        </p>
      ))}
      {errors > 0 && <p className="mt-1 border-t pt-1 text-xs text-dim">{t("zoom")}</p>}
    </div>
  );
}

/** `2026-11-22 10:30 – 11:00 UTC+9` */
export function bucketText({ from, to }: ErrorBucket, timeZone: string): string {
  const day = formatDate(from, timeZone);
  const endDay = formatDate(to, timeZone);
  const end = `${endDay === day ? "" : `${endDay} `}${formatMinute(to, timeZone)}`;
  return `${day} ${formatMinute(from, timeZone)} – ${end} ${formatOffset(from, timeZone)}`;
}

/** `3.1%`, and never `0%` where something failed. */
export function formatShare(share: number, locale: string): string {
  const digits = share > 0 && share < 0.0005 ? 3 : 1;
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: digits }).format(
    share,
  );
}
