import { countsOf, type ReasonCounts } from "./reason-counts.ts";
import type { News, SettledNotification, ToldAs } from "./schema.ts";

/** Errors of one kind that ended at `at` (ms), by reason. */
export type Counted = { at: number; reasons: ReasonCounts };

/** What of one kind was told in the outage: errors an hour by reason, and all that was counted in the last hour. */
export type Known = { rates: ReasonCounts; recent: readonly Counted[] };

const hourMs = 3_600_000;
/** Ten times as many an hour as were told are news, from ten on. */
const riseFactor = 10;
const riseMin = 10;
/** A reason beside others that were told is news from three errors in a window on that are a tenth of its errors. */
const newReasonMin = 3;
const newReasonShare = 0.1;
/** A mail lists so many reasons; only what is listed was told. */
const reasonsListedMax = 5;
const recentMax = 60;

/** The reasons that a mail about a window lists, those with most errors first. */
export function listedReasons(counts: ReasonCounts): [string, number][] {
  return Object.entries(counts)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, reasonsListedMax);
}

/** What a mail about a window says of why it is told; null for what is no window. */
export const newsOf = (
  as: ToldAs | null,
  one: Parameters<typeof countsOf>[0] & { ceasedSince: Date | null },
): News | null =>
  as === null ? null : { as, ceasedSince: one.ceasedSince, reasons: countsOf(one) };

/** What is new in a further window of a kind that was told: another reason, more of a known one, or nothing. Pure. */
export function newsIn(
  one: SettledNotification,
  known: Known,
  windowMs: number,
): "reason" | "rise" | null {
  const counts = listedReasons(countsOf(one));
  const isKnown = (name: string): boolean => known.rates[name] !== undefined;
  const unknown = counts.filter(([name]) => !isKnown(name));
  const isMuch = (count: number): boolean =>
    count >= newReasonMin && count >= one.errorCount * newReasonShare;
  if (
    unknown.length > 0 &&
    (unknown.length === counts.length || unknown.some(([, n]) => isMuch(n)))
  ) {
    return "reason";
  }
  const recent = remember(known.recent, one);
  const hasRisen = ([name, count]: [string, number]): boolean => {
    const told = known.rates[name];
    const rate = hourlyRate(name, count, recent, lengthMs(one, windowMs));
    return told !== undefined && rate >= riseMin && rate >= riseFactor * told;
  };
  return counts.some(hasRisen) ? "rise" : null;
}

/**
 * Errors an hour as people know them once a window was told. Of a reason told for the first time they know its count in
 * the window only, and take it to go on like that; later what the last hour had.
 */
export function ratesAfter(one: SettledNotification, known: Known, windowMs: number): ReasonCounts {
  const recent = remember(known.recent, one);
  const countedMs = lengthMs(one, windowMs);
  const rates = listedReasons(countsOf(one)).map(([name, count]): [string, number] => [
    name,
    known.rates[name] === undefined
      ? (count * hourMs) / countedMs
      : hourlyRate(name, count, recent, countedMs),
  ]);
  return { ...known.rates, ...Object.fromEntries(rates) };
}

/** The errors of the last hour, or of the window where those are many and would come to more in an hour. */
function hourlyRate(
  name: string,
  count: number,
  recent: readonly Counted[],
  countedMs: number,
): number {
  const ofHour = recent.reduce((sum, { reasons }) => sum + (reasons[name] ?? 0), 0);
  return Math.max(ofHour, count >= riseMin ? (count * hourMs) / countedMs : 0);
}

/**
 * How long a window counted. One that was closed early is shorter; a few seconds are no measure for an hour, so it counts for
 * a fifteenth of a whole one at least.
 */
function lengthMs(
  { earlySince, detectedAt, closedAt }: SettledNotification,
  windowMs: number,
): number {
  if (!earlySince) return windowMs;
  return Math.min(windowMs, Math.max(windowMs / 15, closedAt.getTime() - detectedAt.getTime()));
}

/** What was counted in the hour before the end of a window, with that window. */
export function remember(recent: readonly Counted[], one: SettledNotification): Counted[] {
  const at = one.closedAt.getTime();
  const within = recent.filter((counted) => counted.at > at - hourMs);
  return [...within, { at, reasons: countsOf(one) }].slice(-recentMax);
}
