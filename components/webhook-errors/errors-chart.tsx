"use client";

import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { lazy, Suspense, useMemo, useTransition } from "react";
import { reasonLooks } from "#components/statistics/reason-mark.tsx";
import { Card } from "#components/ui/card.tsx";
import { cn } from "#components/ui/cn.ts";
import { Link } from "#components/ui/link.tsx";
import { Shape } from "#components/ui/shape.tsx";
import type { ChartSeries } from "#components/ui/time-chart.tsx";
import { timeChartHeight } from "#components/ui/time-chart-height.ts";
import { WithoutScript } from "#components/ui/without-script.tsx";
import { formatCount, formatDate, formatMinute, formatOffset } from "#lib/format.ts";
import { errorReasons, isErrorReason } from "#lib/transport/error-class.ts";
import { type ErrorFilter, errorsHref, isFiltered } from "#lib/webhook-errors/filter.ts";
import type { BucketWidth } from "#lib/webhook-errors/range.ts";
import type { ChannelChange, CountingGap, ErrorBucket } from "#lib/webhook-errors/schema.ts";
import { ChangeList } from "./change-list.tsx";
import {
  detailSeries,
  gapMarks,
  gatherOthers,
  otherDetails,
  positionOf,
  ticksOf,
  totalOf,
} from "./chart-series.ts";
import { ChartTable } from "./chart-table.tsx";
import { ChartTooltip } from "./chart-tooltip.tsx";
import type { ErrorsView } from "./errors-view.ts";

// The server draws it; what makes it answer is a third of the page's script, and comes when all the rest is alive.
// Where it cannot be had, its sentence stands in its place, and the rest of the page is as it was.
const TimeChart = lazy(async () => {
  const chart = await import("#components/ui/time-chart.tsx").catch(() => null);
  return { default: chart === null ? ChartSentence : chart.TimeChart };
});

export type ChartData = {
  buckets: readonly ErrorBucket[];
  width: BucketWidth;
  gaps: readonly CountingGap[];
  /** The newest bucket ends now and is still growing. */
  live: boolean;
  /** What was changed in the range; of many the newest. */
  changes: readonly ChannelChange[];
  isCut: boolean;
};

export function ErrorsChart({ data, view }: { data: ChartData; view: ErrorsView }) {
  const { channelId, filter, timeZone } = view;
  const t = useTranslations("webhook-errors.chart");
  const router = useRouter();
  const series = useSeries(data, filter);
  const [isGoing, startGoing] = useTransition();
  const go = (change: Partial<ErrorFilter>) =>
    startGoing(() => router.push(errorsHref(channelId, filter, change), { scroll: false }));
  const keys = useMemo(() => new Set(series.map((one) => one.key)), [series]);
  const buckets = data.buckets.map((bucket) => ({
    ...bucket,
    counts: gatherOthers(bucket.counts, keys),
  }));
  const summary = useSummary(buckets, timeZone);
  return (
    <Card
      aria-label={t(filter.by === "reason" ? "title" : "titleDetail")}
      className={cn("px-4 pt-4 pb-3 sm:px-5", isGoing && "cursor-progress opacity-60")}
    >
      <ChartHead view={view} series={series} width={data.width} live={data.live} />
      <WithoutScript>
        <p className="mt-2 text-dim">{summary}</p>
      </WithoutScript>
      <Suspense fallback={<div style={{ height: timeChartHeight }} />}>
        <TimeChart
          series={series}
          points={buckets.map((bucket) => ({ values: bucket.counts, line: lineAt(bucket, data) }))}
          line={{ key: "delivered", label: t("delivered"), colour: "var(--ok-line)" }}
          marks={{
            ticks: ticksOf(buckets, timeZone),
            gaps: gapMarks(buckets, data.gaps, t("notCounted")),
            events: data.changes.map(({ id, at }) => ({
              key: id,
              position: positionOf(buckets, at),
            })),
            filling: data.live ? t("filling") : null,
          }}
          summary={summary}
          renderTooltip={(index) => {
            const bucket = buckets[index];
            return (
              bucket && (
                <ChartTooltip
                  bucket={bucket}
                  series={series}
                  timeZone={timeZone}
                  filling={data.live && index === buckets.length - 1}
                  filtered={isFiltered(filter)}
                  changes={data.changes.filter(({ at }) => bucket.from <= at && at < bucket.to)}
                />
              )
            );
          }}
          onSelect={(first, last) => {
            const [from, to] = [buckets[first]?.from, buckets[last]?.to];
            if (from === undefined || to === undefined) return;
            go({ range: { from, to }, wider: filter.wider ?? filter.range });
          }}
        />
      </Suspense>
      <ChangeList changes={data.changes} isCut={data.isCut} timeZone={timeZone} />
      <ChartTable buckets={buckets} series={series} timeZone={timeZone} gaps={data.gaps} />
    </Card>
  );
}

function ChartSentence({ summary }: { summary: string }) {
  return <p className="mt-2 text-dim">{summary}</p>;
}

function ChartHead({
  view,
  series,
  width,
  live,
}: {
  view: ErrorsView;
  series: readonly ChartSeries[];
  width: BucketWidth;
  live: boolean;
}) {
  const { channelId, filter } = view;
  const t = useTranslations("webhook-errors");
  return (
    <div className="mb-1 flex flex-wrap items-baseline gap-x-4 gap-y-1.5">
      <h2 className="font-semibold">
        {t(filter.by === "reason" ? "chart.title" : "chart.titleDetail")}
      </h2>
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
        {series.map((one) => (
          <li key={one.key}>
            <LegendEntry view={view} series={one} />
          </li>
        ))}
        <li className="flex items-center gap-1.5 text-dim">
          <span aria-hidden className="h-0.5 w-3 bg-ok-line" />
          {t("chart.deliveredAxis")}
        </li>
      </ul>
      <p className="ml-auto flex flex-wrap items-baseline gap-x-3 text-xs text-dim">
        <span>{t(`chart.width.${width.unit}`, { count: width.amount })}</span>
        {live && (
          <span className="flex items-center gap-1.5">
            <span
              aria-hidden
              className="size-2.5 rounded-xs bg-brand-soft outline outline-brand/40"
            />
            {t("chart.filling")}
          </span>
        )}
        {filter.wider !== null && (
          <Link
            href={errorsHref(channelId, filter, { range: filter.wider })}
            scroll={false}
            prefetch={false}
            className="text-brand hover:underline"
          >
            <span aria-hidden>←</span> {t("chart.wider")}
          </Link>
        )}
        <Link
          href={errorsHref(channelId, filter, { by: filter.by === "reason" ? "detail" : "reason" })}
          scroll={false}
          prefetch={false}
          className="text-brand hover:underline"
        >
          {t("chart.by")}: {t(filter.by === "reason" ? "chart.byDetail" : "chart.byReason")}
        </Link>
      </p>
    </div>
  );
}

/** A legend entry filters by its series, or takes that filter away again. */
function LegendEntry({
  view: { channelId, filter },
  series,
}: {
  view: ErrorsView;
  series: ChartSeries;
}) {
  const t = useTranslations("webhook-errors.filter");
  const change = pickSeries(filter, series.key);
  const on = filter.reason === series.key || filter.detail === series.key;
  const content = (
    <>
      {isErrorReason(series.key) ? (
        <Shape kind={reasonLooks[series.key].shape} className={reasonLooks[series.key].text} />
      ) : (
        <span aria-hidden className="size-2.5 rounded-xs" style={{ background: series.colour }} />
      )}
      {series.label}
    </>
  );
  const look = cn("flex items-center gap-1.5", on ? "font-medium text-ink" : "text-dim");
  if (change === null) return <span className={look}>{content}</span>;
  return (
    <Link
      href={errorsHref(channelId, filter, change)}
      scroll={false}
      prefetch={false}
      title={t(on ? "remove" : "only", { name: series.label })}
      className={cn(look, "hover:text-ink hover:underline")}
    >
      {content}
    </Link>
  );
}

/** A bar that was counted in part only would pull the line down: it breaks there. */
function lineAt(bucket: ErrorBucket, { buckets, gaps, live }: ChartData): number | null {
  const cut = gaps.some((gap) => gap.from < bucket.to && bucket.from < gap.to);
  const filling = live && bucket.to.getTime() === buckets.at(-1)?.to.getTime();
  return cut || filling ? null : bucket.deliveredCount;
}

function useSeries({ buckets }: ChartData, { by, reason }: ErrorFilter): ChartSeries[] {
  const t = useTranslations("webhook-errors");
  return useMemo(() => {
    if (by === "detail") {
      return detailSeries(buckets).map((one) => ({
        ...one,
        label: one.key === otherDetails ? t("chart.other") : one.key,
      }));
    }
    return errorReasons
      .filter((one) => reason === null || reason === one)
      .map((key) => ({ key, label: t(`reason.${key}`), colour: reasonLooks[key].colour }));
  }, [buckets, by, reason, t]);
}

/** Filter by a series, or no longer when it is the filter already; null when it cannot be filtered by. */
function pickSeries(filter: ErrorFilter, key: string): Partial<ErrorFilter> | null {
  if (isErrorReason(key)) return { reason: filter.reason === key ? null : key };
  return key === otherDetails ? null : { detail: filter.detail === key ? null : key };
}

/** The chart in a sentence, for those who do not see it. */
function useSummary(buckets: readonly ErrorBucket[], timeZone: string): string {
  const t = useTranslations("webhook-errors.chart");
  const locale = useLocale();
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (first === undefined || last === undefined) return "";
  const say = (at: Date) =>
    `${formatDate(at, timeZone)} ${formatMinute(at, timeZone)} ${formatOffset(at, timeZone)}`;
  const most = buckets.reduce((a, b) => (totalOf(b) > totalOf(a) ? b : a));
  const errors = buckets.reduce((sum, bucket) => sum + totalOf(bucket), 0);
  const peak =
    errors === 0
      ? ""
      : t("peak", { count: formatCount(totalOf(most), locale), from: say(most.from) });
  return t("summary", { errors, from: say(first.from), to: say(last.to), peak });
}
