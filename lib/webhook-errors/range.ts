import { fromWallTime, toWallTime } from "#lib/time/wall-time.ts";
import type { ErrorFilter, RangePreset } from "./filter.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

const presetMs = {
  "1h": hourMs,
  "24h": dayMs,
  "7d": 7 * dayMs,
  "30d": 30 * dayMs,
  "90d": 90 * dayMs,
} as const satisfies Record<RangePreset, number>;

/** `[from, to)` in whole minutes, so that every figure of the page can be read from the counted rows. */
export type ErrorRange = {
  from: Date;
  to: Date;
  /** The range asked for began before what is kept; it was cut to what is. */
  pastRetention: boolean;
  /** The last minute is the current one: the newest bucket is still filling. */
  live: boolean;
};

/**
 * Turns what the address says into a range. A preset ends with the minute of `now`, which is included, and begins where a
 * bar of the chart begins by the clock of `timeZone`, so that the first bar is a whole one.
 */
export function resolveRange(
  range: ErrorFilter["range"],
  now: Date,
  { retentionDays, timeZone }: { retentionDays: number; timeZone: string },
): ErrorRange {
  const end = floorMinute(now.getTime()) + minuteMs;
  const oldest = floorMinute(now.getTime() - retentionDays * dayMs);
  const asked =
    typeof range === "string"
      ? { from: presetStart(range, end, timeZone), to: end }
      : { from: range.from.getTime(), to: range.to.getTime() };
  const from = Math.min(Math.max(asked.from, oldest), end - minuteMs);
  const to = Math.max(Math.min(asked.to, end), from + minuteMs);
  return {
    from: new Date(from),
    to: new Date(to),
    pastRetention: asked.from < oldest && typeof range !== "string",
    live: to === end,
  };
}

const floorMinute = (ms: number): number => Math.floor(ms / minuteMs) * minuteMs;

function presetStart(preset: RangePreset, end: number, timeZone: string): number {
  const from = new Date(end - presetMs[preset]);
  const { amount, unit } = bucketWidthFor({ from, to: new Date(end) });
  const minutes = Math.min(amount * widthMinutes[unit], widthMinutes.day);
  const wall = toWallTime(from, timeZone);
  const into = (Number(wall.slice(11, 13)) * 60 + Number(wall.slice(14))) % minutes;
  const start = new Date(Date.parse(`${wall}Z`) - into * minuteMs).toISOString().slice(0, 16);
  return fromWallTime(start, timeZone)?.getTime() ?? from.getTime();
}

/** The width of a bar. `step`: so much real time; `calendar`: by the clock on the wall, so a day may have 23 or 25 hours. */
export type BucketWidth = {
  kind: "step" | "calendar";
  amount: number;
  unit: "minute" | "hour" | "day" | "week";
};

export const widthMinutes = { minute: 1, hour: 60, day: 1_440, week: 10_080 } as const;

/** Range → width, so that no chart has more than 100 bars, and common ranges have about 60. */
const widths: readonly { rangeMsMax: number; width: BucketWidth }[] = [
  { rangeMsMax: 75 * minuteMs, width: { kind: "step", amount: 1, unit: "minute" } },
  { rangeMsMax: 6 * hourMs, width: { kind: "step", amount: 5, unit: "minute" } },
  { rangeMsMax: 15 * hourMs, width: { kind: "step", amount: 15, unit: "minute" } },
  { rangeMsMax: 30 * hourMs, width: { kind: "step", amount: 30, unit: "minute" } },
  { rangeMsMax: 3 * dayMs, width: { kind: "step", amount: 1, unit: "hour" } },
  { rangeMsMax: 9 * dayMs, width: { kind: "calendar", amount: 3, unit: "hour" } },
  { rangeMsMax: 35 * dayMs, width: { kind: "calendar", amount: 12, unit: "hour" } },
  { rangeMsMax: 100 * dayMs, width: { kind: "calendar", amount: 1, unit: "day" } },
];
const coarsest: BucketWidth = { kind: "calendar", amount: 1, unit: "week" };

export function bucketWidthFor(range: { from: Date; to: Date }): BucketWidth {
  const lengthMs = range.to.getTime() - range.from.getTime();
  return widths.find((one) => lengthMs <= one.rangeMsMax)?.width ?? coarsest;
}
