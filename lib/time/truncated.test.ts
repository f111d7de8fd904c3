import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");

/** `date_trunc` of a timestamptz without a zone cuts at the hours of the zone that the database is set to. */
const cut = /date_trunc\('(?:minute|hour|day|week|month)',[^\n]*/g;

test("minutes, hours and days are cut in a zone that the statement names", () => {
  const unnamed = ["app", "engine", "lib"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .flatMap((file) =>
        [...readFileSync(join(root, folder, file), "utf8").matchAll(cut)]
          .flatMap(([line]) => line.split(/(?=date_trunc\()/))
          .filter((one) => one.startsWith("date_trunc(") && !/'UTC'|\$\{zone\}/.test(one))
          .map((one) => `${folder}/${file}: ${one}`),
      ),
  );
  expect(unnamed).toEqual([]);
});
