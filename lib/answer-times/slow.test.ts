import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketCount, bucketOf, bucketStartsMs } from "./buckets.ts";
import { type AnswerCounts, percentileMs } from "./percentile.ts";
import { findSlow } from "./slow.ts";

/** So many answers of one time in a minute. */
const minute = (answerMs: number, count = 10, timeouts = 0): AnswerCounts => ({
  answers: bucketStartsMs.map((_, index) => (bucketOf(answerMs) === index + 1 ? count : 0)),
  timeouts,
});
const minutes = (count: number, one: AnswerCounts) => Array.from({ length: count }, () => one);

test("every answer time has one bucket, and a slower one never an earlier", () => {
  const ms = fc.double({ min: 0, max: 3_000, noNaN: true });
  fc.assert(
    fc.property(ms, ms, (one, other) => {
      const [low, high] = [bucketOf(Math.min(one, other)), bucketOf(Math.max(one, other))];
      expect(low).toBeGreaterThanOrEqual(1);
      expect(high).toBeLessThanOrEqual(bucketCount);
      expect(low).toBeLessThanOrEqual(high ?? 0);
    }),
  );
  expect(bucketOf(undefined)).toBeNull();
});

test("a percentile lies in the bucket of the answer that it is", () => {
  const times = fc.array(fc.integer({ min: 0, max: 1_999 }), { minLength: 1, maxLength: 50 });
  const share = fc.constantFrom(0.5, 0.95);
  fc.assert(
    fc.property(times, share, (all, part) => {
      const answers = bucketStartsMs.map(
        (_, index) => all.filter((ms) => bucketOf(ms) === index + 1).length,
      );
      const exact = [...all].sort((a, b) => a - b)[Math.ceil(part * all.length) - 1] ?? 0;
      const found = percentileMs({ answers, timeouts: 0 }, part) ?? -1;
      const bucket = (bucketOf(exact) ?? 0) - 1;
      expect(found).toBeGreaterThanOrEqual(bucketStartsMs[bucket] ?? 0);
      expect(found).toBeLessThanOrEqual(bucketStartsMs[bucket + 1] ?? 2_000);
    }),
  );
});

test("attempts without an answer in time are slower than all; of nothing there is no percentile", () => {
  expect(percentileMs(minute(5, 50, 50), 0.95)).toBe(2_000);
  expect(percentileMs(minute(5, 100, 1), 0.95)).toBeLessThanOrEqual(10);
  expect(percentileMs(minute(5, 0), 0.5)).toBeNull();
});

test("slow begins near the limit, stays until it is well below, and is over then", () => {
  const fast = minutes(20, minute(100));
  expect(findSlow(fast)).toBeNull();
  const slow = [...fast, ...minutes(10, minute(1_800))];
  expect(findSlow(slow)?.p95Ms).toBeGreaterThanOrEqual(1_750);
  // Between the two marks it stays as it was, whichever that is.
  const between = minutes(10, minute(1_300));
  expect(findSlow([...fast, ...between])).toBeNull();
  expect(findSlow([...slow, ...between])?.p95Ms).toBeLessThan(1_500);
  expect(findSlow([...slow, ...between, ...minutes(10, minute(600))])).toBeNull();
});

test("between the marks nothing is forgotten, however long ago it came there", () => {
  const long = minutes(300, minute(1_300));
  expect(findSlow([...minutes(10, minute(1_800)), ...long])?.p95Ms).toBeLessThan(1_500);
  expect(findSlow([...minutes(10, minute(100)), ...long])).toBeNull();
  // Which of the two, these do not tell.
  expect(findSlow(long)).toBeUndefined();
});

test("too few attempts say nothing: not that it is slow, nor, for a while, that it is over", () => {
  expect(findSlow(minutes(10, minute(1_900, 1)))).toBeNull();
  const slow = minutes(10, minute(1_900));
  expect(findSlow([...slow, ...minutes(20, minute(10, 0))])).not.toBeNull();
  expect(
    findSlow([...slow, ...minutes(20, minute(1_300, 0)), ...minutes(20, minute(10, 0))]),
  ).toBeNull();
});

test("after a pause in which too little was sent, only what comes then counts", () => {
  const pause = minutes(45, minute(10, 0));
  const slow = minutes(10, minute(1_900));
  expect(findSlow([...slow, ...pause, ...minutes(10, minute(1_300))])).toBeNull();
  expect(findSlow([...slow, ...pause, ...slow])?.p95Ms).toBeGreaterThan(1_750);
});
