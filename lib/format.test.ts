import { expect, test } from "vitest";
import {
  formatDateTime,
  formatDayMinute,
  formatMillis,
  formatMinute,
  formatOffset,
} from "./format.ts";

const date = new Date("2026-11-22T01:41:07.204Z");

test("a time is shown in the zone asked for, with its offset", () => {
  expect(formatDateTime(date, "Asia/Tokyo")).toBe("2026-11-22 10:41:07 UTC+9");
  expect(formatDateTime(date, "UTC")).toBe("2026-11-22 01:41:07 UTC");
  expect(formatDateTime(date, "America/Los_Angeles")).toBe("2026-11-21 17:41:07 UTC-8");
});

test("midnight is 00, never 24", () => {
  expect(formatMinute(new Date("2026-11-21T15:00:00Z"), "Asia/Tokyo")).toBe("00:00");
});

test("a day stands before its time unless it is the day of now in the same zone", () => {
  const later = new Date("2026-11-22T16:00:00Z");
  expect(formatDayMinute(date, "UTC", later)).toBe("01:41");
  expect(formatDayMinute(date, "Asia/Tokyo", later)).toBe("11-22 10:41");
  expect(formatDayMinute(date, "UTC", new Date("2025-11-22T01:41:07Z"))).toBe("11-22 01:41");
  expect(formatDayMinute(date, "UTC")).toBe("11-22 01:41");
});

test("an offset of half an hour shows its minutes, and summer time counts", () => {
  expect(formatOffset(date, "Asia/Kolkata")).toBe("UTC+5:30");
  expect(formatOffset(new Date("2026-07-01T00:00:00Z"), "America/St_Johns")).toBe("UTC-2:30");
  expect(formatOffset(date, "America/St_Johns")).toBe("UTC-3:30");
});

test("milliseconds have three digits", () => {
  expect(formatMillis(date, "Asia/Tokyo")).toBe("10:41:07.204");
  expect(formatMillis(new Date("2026-11-22T01:41:07.004Z"), "UTC")).toBe("01:41:07.004");
});

test("a time is the one that Intl gives, also around a change of the clocks", () => {
  const zones = ["Asia/Tokyo", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"];
  const moments = ["1969-12-31T23:59:59.999Z", "1995-03-26T01:00:00Z", "2026-10-25T00:59:59.999Z"];
  for (const timeZone of zones) {
    const intl = new Intl.DateTimeFormat("sv-SE", {
      timeZone,
      dateStyle: "short",
      timeStyle: "medium",
    });
    for (const moment of moments.map((text) => Date.parse(text))) {
      for (let step = -200; step < 200; step += 1) {
        const date = new Date(moment + step * 307_000);
        expect(formatDateTime(date, timeZone).slice(0, 19)).toBe(intl.format(date));
      }
    }
  }
});
