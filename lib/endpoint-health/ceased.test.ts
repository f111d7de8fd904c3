import { expect, test } from "vitest";
import { type Cease, ceasedSince } from "./ceased.ts";

const windowMs = 300_000;
const at = (seconds: number) => new Date(Date.parse("2026-11-28T00:00:00Z") + seconds * 1_000);
const window = { detectedAt: at(0), closedAt: at(300), lastAt: at(290) };
const cease = (overrides: Partial<Cease>): Cease => ({
  ...{ since: at(0), until: null, failedCount: 3 },
  ...overrides,
});
const judge = (...ceases: Cease[]) => ceasedSince(window, ceases, windowMs);

test("deliveries have ceased when nothing was delivered for half a window and three attempts failed", () => {
  expect(judge(cease({ since: at(150) }))).toEqual(at(150));
  expect(judge(cease({ since: at(151) }))).toBeNull();
  expect(judge(cease({ failedCount: 2 }))).toBeNull();
  expect(judge()).toBeNull();
});

test("a window whose failures all lie before the last delivery shows no outage", () => {
  const early = { ...window, lastAt: at(100) };
  expect(ceasedSince(early, [cease({ since: at(120) })], windowMs)).toBeNull();
});

test("an outage that ended before the window was looked at was one, if it lasted to the window's end", () => {
  expect(judge(cease({ until: at(301) }))).toEqual(at(0));
  expect(judge(cease({ until: at(299) }))).toBeNull();
});

test("a window that was closed early shows what it was closed for, whatever its length and whatever came after it", () => {
  const early = { ...window, closedAt: at(20), lastAt: at(18), earlySince: at(0) };
  expect(ceasedSince(early, [], windowMs)).toEqual(at(0));
  expect(ceasedSince({ ...early, earlySince: null }, [cease({})], windowMs)).toBeNull();
});
