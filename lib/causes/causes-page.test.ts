import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { causesPage } from "./causes-page.ts";

test("docs/causes.md says what the console says: run npm run docs:causes", async () => {
  const page = await readFile(new URL("../../docs/causes.md", import.meta.url), "utf8");
  expect(page).toBe(causesPage());
});
