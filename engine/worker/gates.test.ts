import { expect, test } from "vitest";
import { createGates } from "./gates.ts";

const limits = { start: 8, max: 64, aside: 2 };

test("a key that answers slowly is left two places, and fast answers bring it back", () => {
  const gates = createGates(limits);
  gates.enter("hanging");
  gates.leave("hanging", true);
  expect(gates.left("hanging")).toBe(2);
  for (let answers = 0; answers < 5; answers += 1) {
    gates.enter("hanging");
    gates.leave("hanging", false);
  }
  expect(gates.left("hanging")).toBe(64);
});

test("a full key is named until one of its requests has ended", () => {
  const gates = createGates(limits);
  for (let entered = 0; entered < 8; entered += 1) gates.enter("busy");
  expect(gates.full()).toEqual(["busy"]);
  expect(gates.left("busy")).toBe(0);
  gates.leave("busy", false);
  expect(gates.full()).toEqual([]);
});

test("one key's trouble takes nothing from another", () => {
  const gates = createGates(limits);
  gates.enter("a");
  gates.leave("a", true);
  expect(gates.left("b")).toBe(8);
});
