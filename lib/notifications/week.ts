import { fromWallTime, toWallTime } from "#lib/time/wall-time.ts";

const dayMs = 86_400_000;

/** A week from Monday to Sunday by the clock of a zone; `fromDay` and `toDay` are its first and last day. */
export type Week = { from: Date; to: Date; fromDay: string; toDay: string; dueAt: Date };

/** The newest week whose digest is due: it ended on the last Monday, and the digest is due that Monday at 9:00. */
export function weekDue(now: Date, timeZone: string): Week {
  const wall = Date.parse(`${toWallTime(now, timeZone)}Z`);
  const today = wall - (wall % dayMs);
  const sinceMonday = (new Date(today).getUTCDay() + 6) % 7;
  const monday = today - sinceMonday * dayMs;
  const isDue = wall >= monday + 9 * 3_600_000;
  const end = isDue ? monday : monday - 7 * dayMs;
  const at = (ms: number): Date =>
    fromWallTime(new Date(ms).toISOString().slice(0, 16), timeZone) ?? new Date(ms);
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  return {
    from: at(end - 7 * dayMs),
    to: at(end),
    fromDay: day(end - 7 * dayMs),
    toDay: day(end - dayMs),
    dueAt: at(end + 9 * 3_600_000),
  };
}
