import { test } from "vitest";
import { nextTryDelayMs, serverTroubleDelayMs } from "./next-try.ts";

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

test("tries while the server was away do not make a mail wait longer once the server answers", ({
  expect,
}) => {
  expect(nextTryDelayMs(300, 0)).toBe(60_000);
});

test("while the server is away a mail is tried after 1 and then every 5 minutes, without an end", ({
  expect,
}) => {
  expect([1, 2, 3, 50, 30_000].map((tries) => serverTroubleDelayMs(tries) / 60_000)).toEqual([
    1, 5, 5, 5, 5,
  ]);
});
