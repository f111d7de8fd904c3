import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { frontEndsPage } from "./page.ts";
import { situations } from "./situations/all.ts";

test("docs/front-ends.md is what the situations say: run `npm run docs:front-ends`", async () => {
  const page = await readFile(new URL("../../docs/front-ends.md", import.meta.url), "utf8");
  expect(page).toBe(frontEndsPage());
});

test("no two situations have the same words", () => {
  const words = situations.map(({ programs, name, what }) => `${name ?? programs[0]}: ${what}`);
  expect(new Set(words).size).toBe(words.length);
});
