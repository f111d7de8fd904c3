import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketWidthFor, dayMs, resolveRange } from "./range.ts";

const now = new Date("2026-11-22T10:41:58.204Z");
const kept = { retentionDays: 400, timeZone: "Asia/Tokyo" };
const unitMs = { minute: 60_000, hour: 3_600_000, day: dayMs, week: 7 * dayMs };

test("a preset ends with the current minute, which is included", () => {
  expect(resolveRange("1h", now, kept)).toEqual({
    from: new Date("2026-11-22T09:42:00Z"),
    to: new Date("2026-11-22T10:42:00Z"),
    pastRetention: false,
    live: true,
  });
});

test("a range that begins before what is kept is cut to what is, and says so", () => {
  const range = { from: new Date("2020-01-01T00:00Z"), to: new Date("2026-11-21T00:00Z") };
  const resolved = resolveRange(range, now, kept);
  expect(resolved).toMatchObject({ pastRetention: true, live: false, to: range.to });
  expect(resolved.from).toEqual(new Date("2025-10-18T10:41:00Z"));
});

test("whatever range is asked for, the answer is a stretch of whole minutes in what is kept", () => {
  const any = fc.date({
    min: new Date("2000-01-01"),
    max: new Date("2099-01-01"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(any, any, (from, to) => {
      const resolved = resolveRange({ from, to }, now, kept);
      const minutes = (resolved.to.getTime() - resolved.from.getTime()) / 60_000;
      expect(minutes).toBeGreaterThanOrEqual(1);
      expect(minutes).toBeLessThanOrEqual(400 * 1_440 + 1);
    }),
  );
});

test("a chart has 100 bars at most, however long the range", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 401 * 1_440 }), (minutes) => {
      const from = new Date("2025-01-01T00:00Z");
      const width = bucketWidthFor({ from, to: new Date(from.getTime() + minutes * 60_000) });
      expect((minutes * 60_000) / (width.amount * unitMs[width.unit])).toBeLessThanOrEqual(100);
    }),
  );
});

test.each([
  [3_600_000, "1 minute"],
  [dayMs, "30 minute"],
  [7 * dayMs, "3 hour"],
  [30 * dayMs, "12 hour"],
  [90 * dayMs, "1 day"],
  [400 * dayMs, "1 week"],
])("%i ms are shown in bars of %s", (lengthMs, expected) => {
  const from = new Date("2026-01-01T00:00Z");
  const { amount, unit } = bucketWidthFor({ from, to: new Date(from.getTime() + lengthMs) });
  expect(`${amount} ${unit}`).toBe(expected);
});

test.each([
  ["24h", "Asia/Kathmandu", "2026-11-21T10:15:00.000Z"],
  ["7d", "Asia/Tokyo", "2026-11-15T09:00:00.000Z"],
  ["30d", "America/New_York", "2026-10-23T04:00:00.000Z"],
  ["90d", "Europe/Berlin", "2026-08-23T22:00:00.000Z"],
] as const)("%s in %s begins where a bar begins", (preset, timeZone, expected) => {
  expect(resolveRange(preset, now, { retentionDays: 400, timeZone }).from.toISOString()).toBe(
    expected,
  );
});
