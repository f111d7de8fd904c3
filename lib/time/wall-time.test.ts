import fc from "fast-check";
import { expect, test } from "vitest";
import { constantOffsetMinutes, fromWallTime, toWallTime, wallTimeSpan } from "./wall-time.ts";

const zones = ["UTC", "Asia/Tokyo", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"];

test("a time on the wall comes back as itself, unless a change of clocks skips it", () => {
  const minute = fc.date({
    min: new Date("2001-01-01"),
    max: new Date("2060-01-01"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(minute, fc.constantFrom(...zones), (at, zone) => {
      const wall = toWallTime(at, zone);
      expect(toWallTime(fromWallTime(wall, zone) ?? new Date(0), zone)).toBe(wall);
    }),
  );
});

test.each([
  ["2026-11-22T10:41", "Asia/Tokyo", "2026-11-22T01:41:00.000Z"],
  ["2026-11-01T01:30", "America/New_York", "2026-11-01T05:30:00.000Z"],
  ["2026-03-08T02:30", "America/New_York", "2026-03-08T07:30:00.000Z"],
])("%s in %s is %s", (wall, zone, instant) => {
  expect(fromWallTime(wall, zone)?.toISOString()).toBe(instant);
});

test.each([
  ["2026-11-22T10:41", "Asia/Tokyo", "2026-11-22T01:41", "2026-11-22T01:41"],
  // Comes twice.
  ["2026-11-01T01:30", "America/New_York", "2026-11-01T05:30", "2026-11-01T06:30"],
  ["2026-04-05T01:45", "Australia/Lord_Howe", "2026-04-04T14:45", "2026-04-04T15:15"],
  // Is skipped.
  ["2026-03-08T02:30", "America/New_York", "2026-03-08T07:00", "2026-03-08T07:00"],
  ["2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-03T15:30", "2026-10-03T15:30"],
])("%s in %s is shown first at %s and last at %s", (wall, zone, first, last) => {
  expect(wallTimeSpan(Date.parse(`${wall}Z`), zone)).toEqual({
    first: new Date(`${first}Z`),
    last: new Date(`${last}Z`),
  });
});

test.each(["", "2026-11-22", "2026-13-01T00:00", "10:41", "2026-11-22T25:00"])(
  "%s is no time",
  (text) => {
    expect(fromWallTime(text, "UTC")).toBeNull();
  },
);

test.each([
  ["Asia/Tokyo", "2026-01-01T00:00Z", "2026-12-31T00:00Z", 540],
  ["America/New_York", "2026-07-01T00:00Z", "2026-08-01T00:00Z", -240],
  ["America/New_York", "2026-10-01T00:00Z", "2026-11-01T05:59Z", -240],
  ["America/New_York", "2026-10-01T00:00Z", "2026-11-01T06:00Z", null],
  ["Europe/Berlin", "2026-01-01T00:00Z", "2026-12-31T00:00Z", null],
])("%s from %s to %s is so many minutes ahead: %s", (zone, from, to, minutes) => {
  expect(constantOffsetMinutes(zone, new Date(from), new Date(to))).toBe(minutes);
});
