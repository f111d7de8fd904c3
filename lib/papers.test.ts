import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";

// Whoever reads a comment or a page finds what it points to: pages, headings in them, decisions, files.

const root = join(import.meta.dirname, "..");
const notOurs =
  /^(node_modules|\.git|\.next|\.data|\.reference|test-results|playwright-report|generated)$/;
const withText = /(\.(tsx?|mts|mjs|css|md|json|prisma|sql|sh|svg|ya?ml)|\/run)$/;
/** Has to name what no file may name. */
const self = relative(root, import.meta.filename);

function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (notOurs.test(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return listFiles(path);
    return withText.test(path) && entry.name !== "package-lock.json" && path !== self ? [path] : [];
  });
}

const texts = new Map(listFiles("").map((path) => [path, readFileSync(join(root, path), "utf8")]));
const pages = [...texts].filter(([path]) => path.endsWith(".md"));

/** Each place in which the pattern stands, as path and what was found. */
const places = (of: Iterable<[string, string]>, pattern: RegExp) =>
  [...of].flatMap(([path, text]) => [...text.matchAll(pattern)].map((found) => ({ path, found })));

const says = ({ path, found }: { path: string; found: RegExpMatchArray }): string =>
  `${path}: ${found[0]}`;

/** The names under which a page's headings, as GitHub makes them, and its marks can be linked to. */
function headingsOf(page: string): string[] {
  const text = texts.get(page) ?? "";
  const marks = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, mark = ""]) => mark);
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
  return [...marks, ...headings];
}

const leadsSomewhere = (page: string, heading: string | undefined): boolean =>
  existsSync(join(root, page)) && (heading === undefined || headingsOf(page).includes(heading));

test("no file cites papers that are not in the repository", () => {
  const absent =
    /\bfact[\s*/#]+sheet|\b(design|style|visual|stack|stack-web|platform-behaviou?r)\.md\b/gi;
  expect(places(texts, absent).map(says)).toEqual([]);
});

test("every page of docs that a file names is there, with the heading that it names", () => {
  const named = places(texts, /\bdocs\/(?!decisions\/\d{4}\b)[\w/-]+\.md(?:#([\w-]+))?/g);
  expect(named.length).toBeGreaterThan(30);
  const lost = named.filter(({ found }) => !leadsSomewhere(found[0].split("#")[0] ?? "", found[1]));
  expect(lost.map(says)).toEqual([]);
});

test("every link between pages leads to a file, and to a heading of it", () => {
  const links = places(pages, /\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g);
  expect(links.length).toBeGreaterThan(50);
  const lost = links.filter(({ path, found: [, to, heading] }) => {
    const target = to ? join(dirname(path), to) : path;
    return !leadsSomewhere(target, target.endsWith(".md") ? heading : undefined);
  });
  expect(lost.map(says)).toEqual([]);
});

test("every file that a comment or a page names by its path is there", () => {
  const folders = "app|bench|components|docs|e2e|engine|findings|lib|prisma|public|testing";
  // A migration stays as it was applied.
  const changing = [...texts].filter(([file]) => !file.startsWith("prisma/migrations/"));
  const path = `(?<![\\w./@-])(?:${folders})/[\\w.()\\[\\]/-]+\\.(?:tsx?|mjs|md|sh|prisma|css|svg|png)\\b`;
  const named = places(changing, new RegExp(path, "g"));
  expect(named.length).toBeGreaterThan(100);
  const lost = named.filter(({ found }) => !existsSync(join(root, found[0].split("](")[0] ?? "")));
  expect(lost.map(says)).toEqual([]);
});

test("docs/architecture.md has a line for every folder of lib, of engine and of its worker", () => {
  const lines = texts.get("docs/architecture.md") ?? "";
  const listed = [...lines.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, folder]) => folder);
  const folders = ["lib", "engine", "engine/worker"].flatMap((parent) =>
    readdirSync(join(root, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name),
  );
  expect(listed.sort()).toEqual(folders.sort());
});

describe("decisions", () => {
  const files = readdirSync(join(root, "docs/decisions"));
  const numbers = files.map((file) => file.slice(0, 4));

  test("each has a number of its own, which its heading says", () => {
    expect(new Set(numbers).size).toBe(files.length);
    const heading = (file: string) => texts.get(join("docs/decisions", file))?.split("\n")[0] ?? "";
    const numberIn = (text: string) => Number(/^# (\d+)[.:] ./.exec(text)?.[1]);
    const odd = files.filter((file) => numberIn(heading(file)) !== Number(file.slice(0, 4)));
    expect(odd).toEqual([]);
  });

  test("each that is named by its number is there", () => {
    const named = places(texts, /(?:decisions?[ /]\[?|decisions\/\d{4} and )(\d{4})\b/g);
    expect(named.length).toBeGreaterThan(10);
    const lost = named.filter(({ found }) => !numbers.includes(found[1] ?? ""));
    expect(lost.map(says)).toEqual([]);
  });
});
