import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesPath } from "./files-path.ts";

const root = join(import.meta.dirname, "../../app");

/** Each route handler that answers GET to signed-in people alone, as a path of its kind. */
async function filesOfPeople(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const routes = entries.filter(({ name }) => name === "route.ts");
  const paths = await Promise.all(
    routes.map(async ({ parentPath }) => {
      const text = await readFile(join(parentPath, "route.ts"), "utf8");
      const isOne = text.includes("userRoute") && /export (const|async function) GET/.test(text);
      const path = parentPath.slice(root.length).replace(/\/\([^)]+\)/g, "");
      return isOne ? [path.replace(/\[[^\]]+\]/g, "1")] : [];
    }),
  );
  return paths.flat();
}

test("every route handler that wants a session is known, and nothing else", async () => {
  const paths = await filesOfPeople();
  expect(paths.length).toBeGreaterThan(5);
  expect(paths.filter((path) => !filesPath.test(path))).toEqual([]);
  for (const other of [
    "/console",
    "/console/channel/1/audit",
    "/console/channel/1/messaging-api/verify",
    "/console/search/x",
  ]) {
    expect(filesPath.test(other)).toBe(false);
  }
});
