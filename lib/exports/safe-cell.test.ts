import fc from "fast-check";
import { expect, test } from "vitest";
import { harmlessText } from "#lib/answers/harmless-text.ts";
import { safeCell } from "./safe-cell.ts";

const anyText = fc.string({
  unit: fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    fc.constantFrom("=", "+", "-", "@", "＝", "\t", "\r", "\n", " ", '"', "\u0000"),
  ),
});

test("whatever the cells hold, a line of them parses back into the same cells", () => {
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 1, maxLength: 6 }), (texts) => {
      const cells = texts.map(safeCell);
      expect(cells.join("\t").split("\t")).toEqual(cells);
      expect(cells.join("\t").split(/\r?\n/)).toHaveLength(1);
    }),
  );
});

test("no cell begins like a formula, nor like a quoted one", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(safeCell(text)).not.toMatch(/^[\s]*[=+\-@＝＋－＠"]/u);
    }),
  );
});

test.each([["Connection failed (received GOAWAY)"], ["503"], ["No SSL/TLS record"]])(
  "the documented detail %s stays as it is",
  (detail) => {
    expect(safeCell(detail)).toBe(detail);
  },
);

test("odd bytes of an answer are shown and do nothing", () => {
  expect(harmlessText("a\u0000b\u001b[2Jc\r\nd\u202ee\ud800")).toBe(
    "a<U+0000>b<U+001B>[2Jc\nd<U+202E>e\ufffd",
  );
});
