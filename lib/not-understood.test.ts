import { expect, test } from "vitest";
import { givenBy, listNotUnderstood, refuseNotUnderstood, singleValues } from "./not-understood.ts";

const given = (search: string) => givenBy(new URLSearchParams(search));

test("a name that stands there twice has a value only if both say the same", () => {
  expect(singleValues(given("a=1&a=1&b=1&b=2&c="))).toEqual({ a: "1", b: undefined, c: "" });
});

test("what was given and came to nothing is listed as it stands there, what is empty or unknown is not", () => {
  const parsed = { a: null, b: null, c: null, d: 1, e: null };
  expect(listNotUnderstood(given("a=x&b=1&b=2&c=&d=1&other=y"), parsed)).toEqual([
    { name: "a", value: "x" },
    { name: "b", value: "1, 2" },
  ]);
  const [long] = listNotUnderstood(given(`a=${"x".repeat(5_000)}`), { a: null });
  expect(long?.value.length).toBeLessThan(100);
});

test("what would be done to more than was asked is refused by name", () => {
  expect(() => refuseNotUnderstood([{ name: "status", value: "6000" }])).toThrow("status=6000");
  expect(() => refuseNotUnderstood([])).not.toThrow();
  expect(() => refuseNotUnderstood(undefined)).not.toThrow();
});
