import { expect, test } from "vitest";
import { createBackoff } from "./backoff.ts";

test("pauses double up to the longest, spread by a quarter either way, and begin anew after success", () => {
  for (const [random, factor] of [
    [0, 0.75],
    [0.5, 1],
  ] as const) {
    const backoff = createBackoff({ minMs: 100, maxMs: 500 }, () => random);
    const pauses = [1, 2, 3, 4, 5].map(() => backoff.next() / factor);
    expect(pauses).toEqual([100, 200, 400, 500, 500]);
    backoff.reset();
    expect(backoff.next()).toBe(100 * factor);
  }
});

test("it never grows past what a number can hold", () => {
  const backoff = createBackoff({ minMs: 100, maxMs: 500 }, () => 0.5);
  for (let tries = 0; tries < 5_000; tries += 1) backoff.next();
  expect(backoff.next()).toBe(500);
});
