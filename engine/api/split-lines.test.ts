import { expect, test, vi } from "vitest";
import { linesMax, splitLines } from "./split-lines.ts";

const split = (text: string): string[] => splitLines(Buffer.from(text)).map(String);

test("lines of blanks are passed over, the others keep what stands behind their first character", () => {
  expect(split('\n \r\n{"a":1}\r\n\t\n  {"b":2} \n{"c":3}')).toEqual([
    '{"a":1}\r',
    '{"b":2} ',
    '{"c":3}',
  ]);
});

test("a body without a line is refused", () => {
  expect(() => split(" \n\r\n")).toThrow(/no line/);
  expect(() => split("")).toThrow(/no line/);
});

test("a thousand lines are taken, one more is refused", () => {
  expect(split("1\n".repeat(linesMax))).toHaveLength(linesMax);
  expect(() => split("1\n".repeat(linesMax + 1))).toThrow(/at most 1000 lines/);
});

test("what comes behind the line that is one too many is not read", () => {
  const bytes = Buffer.alloc(16 * 1024 * 1024, "1\n");
  const search = vi.spyOn(bytes, "indexOf");
  expect(() => splitLines(bytes)).toThrow();
  expect(search).toHaveBeenCalledTimes(linesMax);
});
