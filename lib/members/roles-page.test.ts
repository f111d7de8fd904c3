import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { rolesPage } from "./roles-page.ts";

test("docs/roles.md is what the permissions say: run `npm run docs:roles`", async () => {
  const page = await readFile(new URL("../../docs/roles.md", import.meta.url), "utf8");
  expect(page).toBe(rolesPage());
});
