import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { hashEvents, isHashOf } from "./events-hash.ts";

test("texts that JSON.parse takes for the same are different events", () => {
  const hash = hashEvents(['{"type":"x","n":null}']);
  expect(isHashOf(hash, ['{"type":"x","n":null}'])).toBe(true);
  for (const other of ['{"type":"x","n":1e400}', '{"type":"x", "n":null}', '{"n":1,"type":"x"}']) {
    expect(isHashOf(hash, [other])).toBe(false);
  }
});

test("a key of the version before, which hashed what JSON.parse made, still answers a repeat and no other events", () => {
  const before = createHash("sha256").update('[{"type":"x","n":1.5},{"type":"y"}]').digest();
  expect(isHashOf(before, ['{ "type": "x", "n": 1.50 }', '{"type":"y"}'])).toBe(true);
  expect(isHashOf(before, ['{"type":"x","n":1.6}', '{"type":"y"}'])).toBe(false);
});
