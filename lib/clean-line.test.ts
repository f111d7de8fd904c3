import { expect, test } from "vitest";
import { cleanLine } from "./clean-line.ts";

test("a name stays in its line and turns nothing around", () => {
  expect(cleanLine("  Two\r\nlines\tand\u2028more ")).toBe("Two lines and more");
  expect(cleanLine("evil\u202etxt\u2066.exe")).toBe("eviltxt.exe");
});

test("what nobody could see is no name", () => {
  for (const name of [
    "",
    " \u3000\u00a0",
    "\u200b\u200d",
    "\u3164",
    "\u2800",
    "\u00ad",
    "\ud800",
  ]) {
    expect([name, cleanLine(name)]).toEqual([name, ""]);
  }
});

test("every script keeps its signs", () => {
  for (const name of [
    "👩‍👩‍👧‍👦",
    "مرحبا \u200fبالعالم",
    "می\u200cخواهم",
    "山田 太郎",
    "Zoë",
    "😀",
  ]) {
    expect(cleanLine(name)).toBe(name);
  }
});
