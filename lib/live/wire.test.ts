import { expect, test } from "vitest";
import { fromWire, toWire } from "./wire.ts";

test.each([
  ["moments", { at: new Date(1_764_000_000_123), list: [new Date(0), new Date(-1)] }],
  ["texts that look like moments", { a: "@123", b: "~@123", c: "~", d: "@", "@5": ["@"] }],
  ["keys of every kind", JSON.parse('{"__proto__":1,"@1":2,"~":3}')],
  ["what is empty", { a: null, b: [], c: {}, d: "", e: 0, f: false }],
  ["other texts", { a: "café ☕\u2028 \r\n\u0000", b: "data: x\n\nevent: end" }],
])("%s come back as they were", (_name, value) => {
  const text = toWire(value);
  expect(fromWire(text)).toEqual(value);
  expect(text).not.toMatch(/[\r\n]/);
});
