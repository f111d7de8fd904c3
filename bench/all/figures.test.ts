import { expect, test } from "vitest";
import { goals, lastLine, verdict, wordsOf } from "./figures.ts";

test("a figure meets its goal at the goal itself", () => {
  expect(verdict({ least: 2 }, 2)).toBe("met");
  expect(verdict({ least: 2 }, 1.99)).toBe("missed");
  expect(verdict({ most: 1.2 }, 1.2)).toBe("met");
  expect(verdict({ most: 1.2 }, 1.21)).toBe("missed");
});

test("what was not measured, and what has no goal, is not judged", () => {
  expect(verdict(goals.toBefore, null)).toBe("");
  expect(verdict(goals.largest, 5)).toBe("");
  expect(wordsOf(goals.largest)).toBe("");
});

test("goals are printed as bounds", () => {
  expect(wordsOf({ least: 2 })).toBe("≥ 2");
  expect(wordsOf({ most: 1.2 })).toBe("≤ 1.2");
});

test("the last line of a bench is its figures, and nothing else is", () => {
  expect(lastLine('a table\n{"toBefore":1.5,"twoWorkersRatio":null}\n')).toEqual({
    toBefore: 1.5,
    twoWorkersRatio: null,
  });
  expect(lastLine("a table\n")).toBeUndefined();
  expect(lastLine("{ cut off\n")).toBeUndefined();
  expect(lastLine("")).toBeUndefined();
});
