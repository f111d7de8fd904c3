import type { ChartMarks } from "#components/ui/time-chart.tsx";
import { formatDate, formatMinute } from "#lib/format.ts";
import { type CountingGap, type ErrorBucket, errorReasons } from "#lib/webhook-errors/schema.ts";

/** So many details get bars of their own; what is left is stacked together. */
const detailsShown = 6;
export const otherDetails = "other";

// Details have no colours of their own: steps of the reasons' colours, told apart by the legend and the tooltip.
const detailColours = [
  "var(--reason-could-not-connect)",
  "var(--reason-error-status-code)",
  "var(--reason-request-timeout)",
  "var(--reason-unclassified)",
  "var(--good)",
  "var(--brand)",
];

/** The details with most errors, most first, and the colour of each. */
export function detailSeries(buckets: readonly ErrorBucket[]): { key: string; colour: string }[] {
  const totals = new Map<string, number>();
  for (const { counts } of buckets) {
    for (const [detail, count] of Object.entries(counts)) {
      totals.set(detail, (totals.get(detail) ?? 0) + count);
    }
  }
  const ranked = [...totals].sort((a, b) => b[1] - a[1]).map(([detail]) => detail);
  const shown = ranked
    .slice(0, detailsShown)
    .map((key, index) => ({ key, colour: detailColours[index] ?? "var(--dim)" }));
  return ranked.length > detailsShown
    ? [...shown, { key: otherDetails, colour: "var(--dim)" }]
    : shown;
}

/** The counts of a bucket with everything that has no bar of its own under `other`. */
export function gatherOthers(
  counts: ErrorBucket["counts"],
  keys: ReadonlySet<string>,
): Record<string, number> {
  const gathered: Record<string, number> = {};
  for (const [key, count] of Object.entries(counts)) {
    const name = keys.has(key) ? key : otherDetails;
    gathered[name] = (gathered[name] ?? 0) + count;
  }
  return gathered;
}

export const reasonKeys: readonly string[] = errorReasons;

export function totalOf(bucket: Pick<ErrorBucket, "counts">): number {
  return Object.values(bucket.counts).reduce((sum, count) => sum + count, 0);
}

/** Where a moment lies between the bars: -0.5 is the left edge of the first. */
export function positionOf(buckets: readonly ErrorBucket[], moment: Date): number {
  const index = buckets.findIndex((bucket) => moment < bucket.to);
  const bucket = buckets[index];
  if (bucket === undefined) return buckets.length - 0.5;
  const share =
    (moment.getTime() - bucket.from.getTime()) / (bucket.to.getTime() - bucket.from.getTime());
  return index - 0.5 + Math.min(Math.max(share, 0), 1);
}

/** Labels at the left edges of bars: the time, and the day where it changes or where bars are days. */
export function ticksOf(buckets: readonly ErrorBucket[], timeZone: string): ChartMarks["ticks"] {
  const first = buckets[0];
  const second = buckets[2] ?? buckets[1];
  if (first === undefined) return [];
  const hours =
    second === undefined ? 0 : (second.from.getTime() - first.from.getTime()) / 7_200_000;
  let day = formatDate(first.from, timeZone);
  return buckets.map((bucket, position) => {
    const date = formatDate(bucket.from, timeZone);
    const changed = date !== day;
    day = date;
    const time = formatMinute(bucket.from, timeZone);
    if (hours >= 12) return { position, label: date.slice(5) };
    return { position, label: changed || hours >= 3 ? `${date.slice(5)} ${time}` : time };
  });
}

export function gapMarks(
  buckets: readonly ErrorBucket[],
  gaps: readonly CountingGap[],
  label: string,
): ChartMarks["gaps"] {
  return gaps
    .map((gap) => ({ from: positionOf(buckets, gap.from), to: positionOf(buckets, gap.to), label }))
    .filter((gap) => gap.to > gap.from);
}
