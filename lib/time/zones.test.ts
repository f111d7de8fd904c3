import { expect, test } from "vitest";
import { canonicalZone } from "./zones.ts";

test.each([
  ["Asia/Tokyo", "Asia/Tokyo"],
  ["asia/tokyo", "Asia/Tokyo"],
  ["US/Pacific", "America/Los_Angeles"],
  ["utc", "UTC"],
  ["GMT", "UTC"],
])("%s is known as %s", (zone, name) => {
  expect(canonicalZone(zone)).toBe(name);
});

test.each(["", "Mars/Olympus", "x; drop table", "../../etc/passwd"])("%s is no zone", (zone) => {
  expect(canonicalZone(zone)).toBeNull();
});
