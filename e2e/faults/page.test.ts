import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allFaults } from "./all.ts";
import { rowsOf, withRows } from "./page.ts";

const text = readFileSync(join(import.meta.dirname, "../../docs/reliability.md"), "utf8");
const machine = /^Seen on (.+):/m.exec(text)?.[1] ?? "";

test("docs/reliability.md has every row as it is now (npm run faults -- --only NAME --doc)", () => {
  expect(withRows(text, allFaults, [], machine)).toBe(text);
  const shown = new Set(rowsOf(text).map(({ name }) => name));
  expect(allFaults.filter((fault) => !fault.isLong && !shown.has(fault.name))).toEqual([]);
});

test("rows have names of their own", () => {
  expect(new Set(allFaults.map(({ name }) => name)).size).toBe(allFaults.length);
});

test("a row that was played again replaces what was seen before, and no other", () => {
  const [first] = allFaults;
  const seen = { seen: "a | b", holds: false, day: "2026-01-02" };
  const after = withRows(text, allFaults, [{ name: first?.name ?? "", ...seen }], machine);
  expect(rowsOf(after)[0]).toEqual({ name: first?.name, ...seen });
  expect(rowsOf(after).slice(1)).toEqual(rowsOf(text).slice(1));
});

test("rows of another machine are not mixed in", () => {
  expect(() => withRows(text, allFaults, [], "another machine")).toThrow("another machine");
});
