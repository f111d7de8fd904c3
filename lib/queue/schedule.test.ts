import fc from "fast-check";
import { expect, test } from "vitest";
import { redeliveryDelayMs, redeliveryRule } from "./schedule.ts";

const scheduleMs = [5_000, 30_000, 120_000, 300_000, 600_000, 720_000];
const base = { statusCode: 500, retryAfterMs: null, scheduleMs, random: 0.5 };

test("the steps follow the published schedule", () => {
  const steps = [1, 2, 3, 4, 5, 6].map((failures) => redeliveryDelayMs({ ...base, failures }));
  expect(steps).toEqual(scheduleMs);
});

test("redelivery stops after the last step", () => {
  expect(redeliveryDelayMs({ ...base, failures: 7 })).toBeNull();
});

test("a bot server that answers 410 is not asked again", () => {
  expect(redeliveryDelayMs({ ...base, failures: 1, statusCode: 410 })).toBeNull();
});

test("Retry-After lengthens a step to at most 15 minutes and never shortens one", () => {
  expect(redeliveryDelayMs({ ...base, failures: 1, retryAfterMs: 60_000 })).toBe(60_000);
  expect(redeliveryDelayMs({ ...base, failures: 1, retryAfterMs: 86_400_000 })).toBe(900_000);
  expect(redeliveryDelayMs({ ...base, failures: 2, retryAfterMs: 1 })).toBe(30_000);
});

test("jitter stays within a fifth of the step", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, random) => {
        const step = scheduleMs[failures - 1] ?? 0;
        const delay = redeliveryDelayMs({ ...base, failures, random }) ?? -1;
        return delay >= Math.floor(step * 0.8) && delay <= Math.ceil(step * 1.2);
      },
    ),
  );
});

test("a schedule is said in times and minutes, never in none", () => {
  const published = [5, 30, 120, 300, 600, 720].map((seconds) => seconds * 1_000);
  expect(redeliveryRule(published)).toEqual({ count: 6, minutes: 30 });
  expect(redeliveryRule([3_000, 5_000])).toEqual({ count: 2, minutes: 1 });
  expect(redeliveryRule([3_600_000])).toEqual({ count: 1, minutes: 60 });
});
