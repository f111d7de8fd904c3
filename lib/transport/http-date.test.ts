import { expect, test } from "vitest";
import { parseHttpDate } from "./http-date.ts";

const now = new Date("2026-11-22T10:00:00Z");
const parse = (text: string, at = now): string | null => {
  const time = parseHttpDate(text, at);
  return time === null ? null : new Date(time).toISOString();
};

test.each([
  "Sun, 06 Nov 1994 08:49:37 GMT",
  "Sunday, 06-Nov-94 08:49:37 GMT",
  "Sun Nov  6 08:49:37 1994",
])("all three forms of RFC 9110 are read: %s", (text) => {
  expect(parse(text)).toBe("1994-11-06T08:49:37.000Z");
});

test.each([
  ["2026-11-22T10:00:00Z", "26", "2026"],
  ["2026-11-22T10:00:00Z", "75", "2075"],
  // Within the 50th year it depends on the day.
  ["2026-11-22T10:00:00Z", "76", "2076"],
  ["2026-10-22T10:00:00Z", "76", "1976"],
  ["2026-11-22T10:00:00Z", "77", "1977"],
  ["2026-11-22T10:00:00Z", "99", "1999"],
  ["2026-11-22T10:00:00Z", "00", "2000"],
  ["2099-12-31T23:59:59Z", "05", "2105"],
  ["2049-12-31T23:59:59Z", "99", "2099"],
  ["2051-01-01T00:00:00Z", "00", "2100"],
])("at %s the two digits %s are the year %s", (at, digits, year) => {
  expect(parse(`Sunday, 06-Nov-${digits} 08:49:37 GMT`, new Date(at))?.slice(0, 4)).toBe(year);
});

test.each([
  ["Mon, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
  ["Thu, 31 Dec 1998 23:59:60 GMT", "1999-01-01T00:00:00.000Z"],
  ["Tuesday, 29-Feb-72 00:00:00 GMT", "2072-02-29T00:00:00.000Z"],
  ["Wed Feb 29 00:00:00 2028", "2028-02-29T00:00:00.000Z"],
])("%s is %s: a wrong day of the week and a leap second are no faults", (text, expected) => {
  expect(parse(text)).toBe(expected);
});

test.each([
  "Sun, 31 Feb 2026 10:00:00 GMT",
  "Sun, 29 Feb 2026 10:00:00 GMT",
  "Thursday, 29-Feb-01 10:00:00 GMT",
  "Sun, 00 Nov 2026 10:00:00 GMT",
  "Sun, 22 Nov 2026 24:00:00 GMT",
  "Sun, 22 Nov 2026 10:60:00 GMT",
  "Sun, 22 Nov 2026 10:00:61 GMT",
  "Sun, 22 Nov 2026 10:00:00 UTC",
  "Sun, 22 Nov 2026 10:00:00 +0900",
  "Sun, 22 Nov 26 10:00:00 GMT",
  "Sun, 22-Nov-26 10:00:00 GMT",
  "Sunday, 22-Nov-2026 10:00:00 GMT",
  "Sun Nov 6 08:49:37 1994",
  "Sun Nov  6 08:49:37 1994 GMT",
  "Sun, 06 Nov 0050 08:49:37 GMT",
  "2026-11-22T10:00:00Z",
  "",
])("%j is no date", (text) => {
  expect(parse(text)).toBeNull();
});
