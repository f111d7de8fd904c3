import { expect, test } from "vitest";
import { firstWidth, followingWidth, isNarrowest, narrower } from "./file-window.ts";

const minuteMs = 60_000;

test("a stretch grows to many rows within few steps, and shrinks to a minute where they are dense", () => {
  expect(followingWidth(firstWidth, 0)).toBe(4 * firstWidth);
  expect(followingWidth(firstWidth, 8_000)).toBe(firstWidth);
  expect(followingWidth(60 * minuteMs, 16_000)).toBe(30 * minuteMs);
  expect(followingWidth(minuteMs, 100_000)).toBe(minuteMs);
  expect(narrower(60 * minuteMs)).toBe(15 * minuteMs);
  expect(isNarrowest(narrower(2 * minuteMs))).toBe(true);
});

test("each stretch is of whole minutes", () => {
  for (let rows = 1; rows < 20_000; rows += 17) {
    expect(followingWidth(61 * minuteMs, rows) % minuteMs).toBe(0);
  }
});
