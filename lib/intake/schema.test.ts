import { expect, test } from "vitest";
import { fullFrom } from "./schema.ts";

test("what is full is opened again only when a tenth of the limit is free", () => {
  expect(fullFrom(1_000, false)).toBe(1_000);
  expect(fullFrom(1_000, true)).toBe(900);
});
