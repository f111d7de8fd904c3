import { expect, test } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

const now = new Date("2026-11-22T10:00:00Z");

test.each([
  ["120", 120_000],
  [" 0 ", 0],
  ["Sun, 22 Nov 2026 10:01:30 GMT", 90_000],
  ["Sun, 22 Nov 2026 09:00:00 GMT", 0],
  ["Sunday, 22-Nov-26 10:01:30 GMT", 90_000],
  ["Sun Nov 22 10:01:30 2026", 90_000],
  ["Sun, 31 Feb 2027 10:01:30 GMT", null],
  ["-1", null],
  ["1.5", null],
  ["soon", null],
  ["", null],
  ["2026-11-22T10:01:30Z", null],
  ["99999999999", null],
  ["Sun, 99 Nov 2026 10:01:30 GMT", null],
])("Retry-After: %j is %j ms", (value, expected) => {
  expect(
    retryAfterMs(
      [
        ["x", "1"],
        ["Retry-After", value],
      ],
      now,
    ),
  ).toBe(expected);
});

test("no such header, no wish", () => {
  expect(retryAfterMs([], now)).toBeNull();
});
