import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { Deadline } from "./deadline.ts";

test("no deadline strikes before its time, by the clock that attempts are measured with", async () => {
  const ms = 20;
  const waits: Promise<number>[] = [];
  for (let n = 0; n < 300; n += 1) {
    // Begun at any moment of a turn of the event loop, as requests are.
    await pause(1);
    const busyUntil = performance.now() + (n % 10) / 10;
    while (performance.now() < busyUntil);
    const begun = performance.now();
    waits.push(new Promise((settle) => new Deadline(ms, () => settle(performance.now() - begun))));
  }
  expect((await Promise.all(waits)).filter((tookMs) => tookMs < ms)).toEqual([]);
});
