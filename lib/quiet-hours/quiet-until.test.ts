import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toWallTime } from "#lib/time/wall-time.ts";
import { quietUntil } from "./quiet-until.ts";
import { formatClock, parseClock, type QuietHours, weekdays } from "./schema.ts";

const hoursOf = (text: string, timeZone: string | null, days: readonly number[] = weekdays) => {
  const [beginsAt = 0, endsAt = 0] = text.split(" to ").map((one) => parseClock(one) ?? 0);
  return { beginsAt, endsAt, weekdays: days, outagesCome: true, timeZone } satisfies QuietHours;
};

const until = (hours: QuietHours, at: string) =>
  quietUntil(hours, "UTC", new Date(at))?.toISOString() ?? null;

// [hours, zone, at, until] in UTC; null: not quiet.
test.each([
  // No clock changes.
  ["22:00 to 07:00", "Asia/Tokyo", "2026-11-28T12:59:59.999Z", null],
  ["22:00 to 07:00", "Asia/Tokyo", "2026-11-28T13:00:00.000Z", "2026-11-28T22:00:00.000Z"],
  ["22:00 to 07:00", "Asia/Tokyo", "2026-11-28T21:59:59.999Z", "2026-11-28T22:00:00.000Z"],
  ["22:00 to 07:00", "Asia/Tokyo", "2026-11-28T22:00:00.000Z", null],
  ["12:00 to 13:00", "Asia/Tokyo", "2026-11-28T03:30:00.000Z", "2026-11-28T04:00:00.000Z"],
  ["12:00 to 13:00", "Asia/Tokyo", "2026-11-28T04:00:00.000Z", null],
  ["00:00 to 23:59", "Asia/Tokyo", "2026-11-28T14:58:00.000Z", "2026-11-28T14:59:00.000Z"],
  ["00:00 to 23:59", "Asia/Tokyo", "2026-11-28T14:59:00.000Z", null],
  ["23:59 to 00:00", "Asia/Tokyo", "2026-11-28T14:59:30.000Z", "2026-11-28T15:00:00.000Z"],
  ["23:59 to 00:00", "Asia/Tokyo", "2026-11-28T15:00:00.000Z", null],
  // Clocks go from 2:00 to 3:00 at 01:00Z on 29 March: the night is an hour shorter.
  ["22:00 to 07:00", "Europe/Berlin", "2026-03-28T21:00:00.000Z", "2026-03-29T05:00:00.000Z"],
  ["22:00 to 07:00", "Europe/Berlin", "2026-03-29T05:00:00.000Z", null],
  // Hours that end, or begin, at a time that is skipped.
  ["22:00 to 02:30", "Europe/Berlin", "2026-03-29T00:59:59.999Z", "2026-03-29T01:00:00.000Z"],
  ["22:00 to 02:30", "Europe/Berlin", "2026-03-29T01:00:00.000Z", null],
  ["02:30 to 07:00", "Europe/Berlin", "2026-03-29T00:59:59.999Z", null],
  ["02:30 to 07:00", "Europe/Berlin", "2026-03-29T01:00:00.000Z", "2026-03-29T05:00:00.000Z"],
  // Hours of which nothing comes that day.
  ["02:10 to 02:50", "Europe/Berlin", "2026-03-29T01:00:00.000Z", null],
  ["02:10 to 02:50", "Europe/Berlin", "2026-03-30T00:10:00.000Z", "2026-03-30T00:50:00.000Z"],
  // Clocks go from 3:00 back to 2:00 at 01:00Z on 25 October: the night is an hour longer.
  ["22:00 to 07:00", "Europe/Berlin", "2026-10-24T20:00:00.000Z", "2026-10-25T06:00:00.000Z"],
  // A time that comes twice: hours begin at the first and end at the last.
  ["22:00 to 02:30", "Europe/Berlin", "2026-10-25T00:45:00.000Z", "2026-10-25T01:30:00.000Z"],
  ["22:00 to 02:30", "Europe/Berlin", "2026-10-25T01:29:59.999Z", "2026-10-25T01:30:00.000Z"],
  ["22:00 to 02:30", "Europe/Berlin", "2026-10-25T01:30:00.000Z", null],
  ["02:30 to 07:00", "Europe/Berlin", "2026-10-25T00:30:00.000Z", "2026-10-25T06:00:00.000Z"],
  ["02:30 to 07:00", "Europe/Berlin", "2026-10-25T01:10:00.000Z", "2026-10-25T06:00:00.000Z"],
  ["02:10 to 02:50", "Europe/Berlin", "2026-10-25T00:09:59.999Z", null],
  ["02:10 to 02:50", "Europe/Berlin", "2026-10-25T00:55:00.000Z", "2026-10-25T01:50:00.000Z"],
  // Midnight is skipped at 05:00Z on 8 March, and comes twice on 1 November, at 04:00Z and 05:00Z.
  ["00:00 to 06:00", "America/Havana", "2026-03-08T04:59:59.999Z", null],
  ["00:00 to 06:00", "America/Havana", "2026-03-08T05:00:00.000Z", "2026-03-08T10:00:00.000Z"],
  ["22:00 to 00:30", "America/Havana", "2026-03-08T04:30:00.000Z", "2026-03-08T05:00:00.000Z"],
  ["00:00 to 06:00", "America/Havana", "2026-11-01T03:59:59.999Z", null],
  ["00:00 to 06:00", "America/Havana", "2026-11-01T04:00:00.000Z", "2026-11-01T11:00:00.000Z"],
  ["22:00 to 00:30", "America/Havana", "2026-11-01T02:00:00.000Z", "2026-11-01T05:30:00.000Z"],
  ["22:00 to 00:00", "America/Havana", "2026-11-01T04:30:00.000Z", "2026-11-01T05:00:00.000Z"],
  // Half an hour: forward at 15:30Z on 3 October, back at 15:00Z on 4 April.
  ["22:00 to 07:00", "Australia/Lord_Howe", "2026-10-03T11:30:00.000Z", "2026-10-03T20:00:00.000Z"],
  ["02:15 to 07:00", "Australia/Lord_Howe", "2026-10-03T15:29:59.999Z", null],
  ["02:15 to 07:00", "Australia/Lord_Howe", "2026-10-03T15:30:00.000Z", "2026-10-03T20:00:00.000Z"],
  ["22:00 to 07:00", "Australia/Lord_Howe", "2026-04-04T11:00:00.000Z", "2026-04-04T20:30:00.000Z"],
  ["22:00 to 01:45", "Australia/Lord_Howe", "2026-04-04T14:50:00.000Z", "2026-04-04T15:15:00.000Z"],
])("%s in %s, at %s: until %s", (text, zone, at, expected) => {
  expect(until(hoursOf(text, zone), at)).toBe(expected);
});

describe("on chosen weekdays", () => {
  // 28 November 2026 is a Saturday.
  test.each([
    ["22:00 to 07:00", [6], "2026-11-28T23:00:00Z", "2026-11-29T07:00:00.000Z"],
    ["22:00 to 07:00", [6], "2026-11-29T06:00:00Z", "2026-11-29T07:00:00.000Z"],
    ["22:00 to 07:00", [6], "2026-11-28T06:00:00Z", null],
    ["22:00 to 07:00", [6], "2026-11-29T23:00:00Z", null],
    ["22:00 to 07:00", [1, 2, 3, 4, 5, 7], "2026-11-28T23:00:00Z", null],
    ["09:00 to 18:00", [7], "2026-11-29T09:00:00Z", "2026-11-29T18:00:00.000Z"],
    ["09:00 to 18:00", [1], "2026-11-29T09:00:00Z", null],
  ])("hours belong to the day on which they begin: %s on %j, at %s", (text, days, at, expected) => {
    expect(until(hoursOf(text, "UTC", days), at)).toBe(expected);
  });
});

test("hours without a zone of their own are in the one given", () => {
  const at = new Date("2026-11-28T13:00:00Z");
  const hours = hoursOf("22:00 to 07:00", null);
  expect(quietUntil(hours, "Asia/Tokyo", at)).not.toBeNull();
  expect(quietUntil(hours, "Europe/Berlin", at)).toBeNull();
});

const zones = ["Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Tokyo"];
const minute = fc.integer({ min: 0, max: 1_439 });

test("whenever the clock on the wall shows a time within the hours it is quiet, until the end that is told", () => {
  const at = fc
    .date({
      min: new Date("2026-01-01"),
      max: new Date("2028-01-01"),
      noInvalidDate: true,
    })
    .map((date) => new Date(Math.floor(date.getTime() / 60_000) * 60_000));
  // Half of them near a change of clocks.
  const changes = ["2026-03-29T01:00Z", "2026-10-25T01:00Z", "2026-03-08T05:00Z"].concat([
    "2026-11-01T05:00Z",
    "2026-10-03T15:30Z",
    "2026-04-04T15:00Z",
  ]);
  const nearChange = fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -1_500, max: 1_500 }))
    .map(([change, minutes]) => new Date(Date.parse(change) + minutes * 60_000));
  fc.assert(
    fc.property(
      ...[fc.oneof(at, nearChange), fc.constantFrom(...zones), minute, minute],
      (now, zone, beginsAt, endsAt) => {
        fc.pre(beginsAt !== endsAt);
        const hours = { ...hoursOf("22:00 to 07:00", zone), beginsAt, endsAt };
        const shown = parseClock(toWallTime(now, zone).slice(11)) ?? 0;
        const isWithin =
          beginsAt < endsAt
            ? beginsAt <= shown && shown < endsAt
            : shown >= beginsAt || shown < endsAt;
        const end = quietUntil(hours, "UTC", now);
        if (isWithin) expect(end).not.toBeNull();
        if (end === null) return;
        expect(end.getTime()).toBeGreaterThan(now.getTime());
        // Every moment until then is quiet, too.
        const middle = new Date((now.getTime() + end.getTime()) / 2);
        expect(quietUntil(hours, "UTC", middle)).not.toBeNull();
        expect(end.getTime() - now.getTime()).toBeLessThanOrEqual(26 * 3_600_000);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("a time of day is read as it is written, and nothing else is one", () => {
  fc.assert(
    fc.property(minute, (minutes) => {
      expect(parseClock(formatClock(minutes))).toBe(minutes);
      expect(parseClock(`${formatClock(minutes)}:00`)).toBe(minutes);
    }),
  );
  for (const text of ["", "24:00", "7:00", "07:60", "noon", "-1:00"]) {
    expect(parseClock(text)).toBeNull();
  }
});
