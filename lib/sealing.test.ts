import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keyRing, seal, unseal } from "./sealing.ts";

const key = randomBytes(32);

test("what was sealed opens again, and no two seals of the same text are alike", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const sealed = seal(key, "t.c.1", text);
      return unseal(key, "t.c.1", sealed) === text && seal(key, "t.c.1", text) !== sealed;
    }),
  );
});

test("a key opens what the older ones that go along with it sealed, and seals with its own name", () => {
  const old = randomBytes(32);
  const ring = keyRing(key, [randomBytes(32), old]);
  expect(unseal(ring, "t.c.1", seal(old, "t.c.1", "secret"))).toBe("secret");
  expect(unseal(key, "t.c.1", seal(ring, "t.c.1", "secret"))).toBe("secret");
  expect(() => unseal(key, "t.c.1", seal(old, "t.c.1", "secret"))).toThrow("ENCRYPTION_KEYS_OLD");
});

test("another place, another key, a changed or a broken value do not open, and the error names the place", () => {
  const sealed = seal(key, "t.c.1", "secret");
  // The first character of the tag: of the last one some bits mean nothing.
  const flipped = sealed.replace(/(?<=\.)[^.](?=[^.]*$)/, (first) => (first === "A" ? "B" : "A"));
  for (const attempt of [
    () => unseal(key, "t.c.2", sealed),
    () => unseal(randomBytes(32), "t.c.1", sealed),
    () => unseal(key, "t.c.1", "v1.x.y.z"),
    () => unseal(key, "t.c.1", "nonsense"),
    () => unseal(key, "t.c.1", flipped),
  ]) {
    expect(attempt).toThrow(/encrypted value at t\.c\.[12]/);
  }
});
