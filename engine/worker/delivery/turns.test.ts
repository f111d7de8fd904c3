import { expect, test } from "vitest";
import type { Admission } from "./places.ts";
import { createTurns } from "./turns.ts";

/** Items are named by their key: "a1" is of "a". */
function open() {
  const verdicts = new Map<string, Admission>();
  let slots = Number.POSITIVE_INFINITY;
  let lows = 0;
  const turns = createTurns<string>({
    keyOf: (item) => item.charAt(0),
    verdict: (item) => verdicts.get(item.charAt(0)) ?? "begin",
    hasSlot: () => slots > 0,
    onLow: () => {
      lows += 1;
    },
  });
  const taken = (most = 100): string[] => {
    const items: string[] = [];
    while (items.length < most) {
      const item = turns.shift();
      if (item === undefined) break;
      items.push(item);
    }
    return items;
  };
  const setSlots = (count: number): void => {
    slots = count;
  };
  return { turns, verdicts, taken, setSlots, lows: () => lows };
}

test("keys take turns, each in its own order", () => {
  const { turns, taken } = open();
  turns.push(["a1", "a2", "a3", "b1", "b2", "c1"]);
  expect(taken()).toEqual(["a1", "b1", "c1", "a2", "b2", "a3"]);
  expect(turns.length()).toBe(0);
});

test("nobody waits behind a key that may not begin", () => {
  const { turns, verdicts, taken } = open();
  verdicts.set("a", "full");
  verdicts.set("b", "wait");
  turns.push(["a1", "a2", "b1", "c1"]);
  expect(taken()).toEqual(["c1"]);
  turns.push(["c2", "a3"]);
  expect(taken()).toEqual(["c2"]);
  expect([turns.length(), turns.aside(), turns.wanted()]).toEqual([4, 4, 1]);
});

test("a key that stood aside has its turn again when something of it has ended, and at a retry", () => {
  const { turns, verdicts, taken } = open();
  for (const key of ["a", "b"]) verdicts.set(key, "full");
  turns.push(["a1", "b1"]);
  expect(taken()).toEqual([]);
  verdicts.clear();
  turns.freed("b");
  expect(taken()).toEqual(["b1"]);
  turns.retry();
  expect(taken()).toEqual(["a1"]);
  expect([turns.length(), turns.aside(), turns.wanted()]).toEqual([0, 0, 0]);
});

test("without a slot nothing begins, and nobody loses the turn", () => {
  const { turns, taken, setSlots } = open();
  turns.push(["a1", "b1"]);
  setSlots(0);
  expect(taken()).toEqual([]);
  expect([turns.aside(), turns.wanted()]).toEqual([0, 2]);
  setSlots(1);
  expect(taken()).toEqual(["a1", "b1"]);
});

test("a key of which more than half of what may wait waits is crowded, and tells once when it is not any more", () => {
  const { turns, taken, lows } = open();
  turns.push(["a1", "a2", "a3", "b1"]);
  expect(turns.crowded(() => 4)).toEqual(["a"]);
  taken(3);
  expect(lows()).toBe(1);
  taken();
  expect(lows()).toBe(1);
});

test("what is cleared is everything, also what stood aside", () => {
  const { turns, verdicts, taken } = open();
  verdicts.set("a", "full");
  turns.push(["a1", "b1", "b2"]);
  taken(1);
  expect(turns.clear()).toEqual(["a1", "b2"]);
  expect([turns.length(), turns.waitingOf("a")]).toEqual([0, 0]);
  verdicts.clear();
  turns.push(["a2"]);
  expect(taken()).toEqual(["a2"]);
});
