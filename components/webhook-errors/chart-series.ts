import type { ChartMarks } from "#components/ui/time-chart.tsx";
import { toWallTime } from "#lib/time/wall-time.ts";
import type { CountingGap, ErrorBucket } from "#lib/webhook-errors/schema.ts";

/** So many details get bars of their own; what is left is stacked together. */
const detailsShown = 6;
export const otherDetails = "other";

// Not the reasons' colours: beside them, a detail in one of those would be taken for that reason.
const detailColours = Array.from(
  { length: detailsShown },
  (_, index) => `var(--part-${index + 1})`,
);

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

const stepsMinutes = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 7_200, 14_400, 43_200];
const ticksMax = 12;

/** Labels at the left edges of bars that begin at a round time; the day is said where it changes. */
export function ticksOf(buckets: readonly ErrorBucket[], timeZone: string): ChartMarks["ticks"] {
  const starts = buckets.map((bucket, index) => {
    const wall = toWallTime(bucket.from, timeZone);
    return { position: index - 0.5, wall, minutes: Date.parse(`${wall}Z`) / 60_000 };
  });
  const round = stepsMinutes
    .map((step) => starts.filter((start) => start.minutes % step === 0))
    .find((some) => some.length <= ticksMax);
  const chosen =
    round === undefined || round.length < 2 ? starts.filter((_, index) => index % 7 === 0) : round;
  const days = chosen.every((start) => start.wall.endsWith("T00:00"));
  return chosen.map(({ position, wall }, index) => {
    const [day, time] = [wall.slice(5, 10), wall.slice(11)];
    if (days) return { position, label: day };
    const changed = index > 0 && chosen[index - 1]?.wall.slice(5, 10) !== day;
    return { position, label: changed ? `${day} ${time}` : time };
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
