import { expect, test } from "vitest";
import { createGates, type Stay } from "./gates.ts";

const limits = { start: 8, max: 64, aside: 2 };

/** Gates whose clock only moves when told. */
function open() {
  let now = 0;
  const gates = createGates(limits, () => now);
  const enter = (key: string, count: number): Stay[] =>
    Array.from({ length: count }, () => gates.enter(key));
  const leave = (stays: readonly Stay[]): void => {
    for (const stay of stays) gates.leave(stay);
  };
  const pass = (ms: number): void => {
    now += ms;
  };
  /** One after the other, each answered at once. */
  const answer = (key: string, count: number, ms = 5): void => {
    for (let answers = 0; answers < count; answers += 1) {
      const stay = gates.enter(key);
      pass(ms);
      gates.leave(stay);
    }
  };
  /** How many begin when as many are there as may. */
  const begin = (key: string): number => {
    let begun = 0;
    for (; begun < 1_000 && gates.hasPlace(key); begun += 1) gates.enter(key);
    return begun;
  };
  return { gates, enter, leave, pass, answer, begin };
}

test("a key that answers nothing is left two places, and fast answers bring it back", () => {
  const { gates, enter, leave, pass, answer, begin } = open();
  const hung = enter("hanging", 8);
  expect(gates.hasPlace("hanging")).toBe(false);
  pass(2_000);
  leave(hung);
  expect([gates.isSlow("hanging"), gates.isAside("hanging")]).toEqual([true, true]);
  leave(enter("hanging", 1));
  expect(begin("hanging")).toBe(4);
  const { begin: beginOther, answer: answerOther } = open();
  answerOther("prompt", 5);
  expect(beginOther("prompt")).toBe(64);
  answer("prompt", 1);
  expect(gates.isSlow("prompt")).toBe(false);
});

test("one that goes unanswered takes no place of a key that answers others promptly", () => {
  const { gates, enter, leave, pass, answer, begin } = open();
  answer("partly", 5);
  const hung = enter("partly", 60);
  pass(400);
  expect(gates.isSlow("partly")).toBe(true);
  answer("partly", 1);
  expect(begin("partly")).toBe(64);
  answer("partly", 1);
  leave(hung);
  expect(gates.isAside("partly")).toBe(false);
});

test("a key that goes silent gets no more than its places", () => {
  const { enter, pass, answer, begin } = open();
  answer("falls silent", 5);
  expect(begin("falls silent")).toBe(64);
  pass(1_000);
  expect(begin("falls silent")).toBe(0);
  enter("other", 1);
});

test("a slow answer makes a key stand aside that usually takes long: it may be overloaded", () => {
  const { gates, enter, leave, pass, answer } = open();
  answer("busy", 5, 700);
  const late = enter("busy", 1);
  pass(1_600);
  leave(late);
  expect(gates.isAside("busy")).toBe(true);
});

test("requests that take as long as usual are not overdue, however many there are", () => {
  const { enter, pass, answer, begin } = open();
  answer("steady", 10, 400);
  enter("steady", 60);
  pass(300);
  answer("steady", 1, 400);
  expect(begin("steady")).toBe(4);
});

test("one key's trouble takes nothing from another", () => {
  const { gates, enter, leave, pass, begin } = open();
  const hung = enter("a", 1);
  pass(2_000);
  leave(hung);
  expect(gates.isSlow("b")).toBe(false);
  expect(begin("b")).toBe(8);
});

test("what may wait in hand follows how fast a key gives its places back", () => {
  const { gates, enter, leave, pass, answer } = open();
  expect(gates.aheadMax("unknown")).toBe(8);
  answer("prompt", 10);
  enter("prompt", 50);
  expect(gates.aheadMax("prompt")).toBeGreaterThan(1_000);
  const hung = enter("hanging", 8);
  pass(2_000);
  leave(hung);
  enter("hanging", 2);
  expect(gates.aheadMax("hanging")).toBe(3);
});

test("of more keys than are remembered the slow ones are forgotten last", () => {
  const { gates, enter, leave, pass } = open();
  const hung = enter("hanging", 1);
  pass(2_000);
  leave(hung);
  for (let index = 0; index < 25_000; index += 1) leave(enter(`bot ${index}`, 1));
  expect(gates.isKnown("bot 1")).toBe(false);
  expect(gates.isAside("hanging")).toBe(true);
});
