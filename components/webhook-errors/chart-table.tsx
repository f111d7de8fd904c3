import { useTranslations } from "next-intl";
import type { ChartSeries } from "#components/ui/time-chart.tsx";
import type { CountingGap, ErrorBucket } from "#lib/webhook-errors/schema.ts";
import { totalOf } from "./chart-series.ts";
import { bucketText } from "./chart-tooltip.tsx";

/** The chart as a table, for those who hear the page. Bars without anything in them are left out. */
export function ChartTable({
  buckets,
  series,
  timeZone,
  gaps,
}: {
  buckets: readonly ErrorBucket[];
  series: readonly ChartSeries[];
  timeZone: string;
  gaps: readonly CountingGap[];
}) {
  const t = useTranslations("webhook-errors.chart");
  const filled = buckets.filter((bucket) => totalOf(bucket) > 0);
  const stretch = ({ from, to }: CountingGap) =>
    bucketText({ from, to, counts: {}, deliveredCount: null }, timeZone);
  return (
    <div className="sr-only">
      {gaps.map((gap) => (
        <p key={gap.from.getTime()}>
          {t("notCounted")}: {stretch(gap)}
        </p>
      ))}
      <table>
        <caption>{t("table")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("time")}</th>
            {series.map((one) => (
              <th key={one.key} scope="col">
                {one.label}
              </th>
            ))}
            <th scope="col">{t("delivered")}</th>
          </tr>
        </thead>
        <tbody>
          {filled.map((bucket) => (
            <tr key={bucket.from.getTime()}>
              <th scope="row">{bucketText(bucket, timeZone)}</th>
              {series.map((one) => (
                <td key={one.key}>{bucket.counts[one.key] ?? 0}</td>
              ))}
              <td>{bucket.deliveredCount ?? t("notCounted")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
