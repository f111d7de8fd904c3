import { test } from "vitest";
import { nextTryDelayMs } from "./next-try.ts";

test("a mail is tried again after 1, 5, 15, 30, 60, 60 … minutes, up to 24 hours", ({ expect }) => {
  const minutes: number[] = [];
  let ageMs = 0;
  for (let tries = 1; ; tries++) {
    const delayMs = nextTryDelayMs(tries, ageMs);
    if (delayMs === null) break;
    minutes.push(delayMs / 60_000);
    ageMs += delayMs;
  }
  expect(minutes.slice(0, 7)).toEqual([1, 5, 15, 30, 60, 60, 60]);
  expect(ageMs).toBeLessThanOrEqual(24 * 3_600_000);
  expect(ageMs).toBeGreaterThan(22 * 3_600_000);
});
