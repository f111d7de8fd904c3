import { toWallTime, wallTimeSpan } from "#lib/time/wall-time.ts";
import type { QuietHours } from "./schema.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

/**
 * When the quiet hours end that go on at `at`; null: none do. Each weekday's are one stretch, from when the clock on the wall shows
 * their beginning first until it shows their end last, so that every moment at which it shows a time within is quiet; of a time
 * that a change of clocks skips the change itself counts. Pure. `defaultZone`: for hours without a zone of their own.
 */
export function quietUntil(hours: QuietHours, defaultZone: string, at: Date): Date | null {
  const zone = hours.timeZone ?? defaultZone;
  const today = Date.parse(toWallTime(at, zone).slice(0, 10));
  // Yesterday's go over midnight; tomorrow's have begun where clocks went back over it.
  const ends = [-1, 0, 1].flatMap((days) => {
    const day = today + days * dayMs;
    if (!hours.weekdays.includes(weekdayOf(day))) return [];
    const lastDay = hours.endsAt > hours.beginsAt ? day : day + dayMs;
    const { first } = wallTimeSpan(day + hours.beginsAt * minuteMs, zone);
    const { last } = wallTimeSpan(lastDay + hours.endsAt * minuteMs, zone);
    return first <= at && at < last ? [last.getTime()] : [];
  });
  return ends.length === 0 ? null : new Date(Math.max(...ends));
}

/** 1 is Monday, 7 is Sunday; of a day in UTC. */
const weekdayOf = (dayOfUtc: number): number => new Date(dayOfUtc).getUTCDay() || 7;
