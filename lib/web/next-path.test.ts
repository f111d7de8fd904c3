import { expect, test } from "vitest";
import { errorSearch } from "#lib/webhook-errors/filter.ts";
import { parseErrorFilter } from "#lib/webhook-errors/parse-filter.ts";
import { askedPathOf, nextPathLengthMax, safePath, signInPath } from "./next-path.ts";

const range = { from: new Date("2026-11-20T10:00Z"), to: new Date("2026-11-20T10:10Z") };

test.each([
  "/console",
  "/console/channel/1234567890/roles",
  "/invitation/aB_-9",
  `/console/channel/1/statistics/errors${errorSearch(parseErrorFilter({}), { range, zone: "Asia/Tokyo" })}`,
  "/console/channel/1/statistics/deliveries?from=2026-11-20T10:00Z&q=a+b%20c*(d)[0]~'x'",
  "/console/channel/1/audit?who=//not@a.host:1/",
])("%s is a path of the console", (path) => expect(safePath(path)).toBe(path));

const elsewhere = [
  "https://evil.example",
  "https:evil.example",
  "https:/console",
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "\t//evil.example",
  " //evil.example",
  "/console//evil.example",
  "/console\\@evil.example",
  "/console/\\evil.example",
  "/console/../../x",
  "/console/..",
  "/console/.",
  "/console/%2e%2e/x",
  "/console/%2e%2e%2fx",
  "/console/..%2f..%2fx",
  "/console%2f%2fevil.example",
  "/%2fevil.example",
  "/%5cevil.example",
  "/console/%5c%5cevil.example",
  "/console/%0d%0aset-cookie:x=y",
  "/console\r\nlocation: //evil.example",
  "/console?x=\r\nlocation: //evil.example",
  "/console\0",
  "/console?x=\0",
  "/console?x=y\\z",
  "/console?x=<b>",
  '/console?x="y"',
  "/console?x=é",
  "/console／／evil.example",
  "/console#//evil.example",
  "/console@evil.example",
  "/console.evil.example",
  "/consolex",
  "/console/",
  "/CONSOLE",
  "/sign-in",
  "/api/auth/signout",
  "/unsubscribe/token",
  "javascript:alert(1)",
  "data:text/html,x",
  "?next=/console",
  "console",
  `/console/${"x".repeat(nextPathLengthMax)}`,
  "",
  null,
];
test.each(elsewhere)("%j leads nowhere", (path) => expect(safePath(path)).toBeNull());

test("whatever is let through is read by a browser as a page of the console itself", () => {
  const own = "https://console.example.com";
  const bits = [
    "/",
    "\\",
    "//",
    "..",
    ".",
    "%2f",
    "%5c",
    "%2e",
    "@",
    ":",
    "?",
    "#",
    "&",
    "\t",
    "\n",
    "\0",
    "console",
    "invitation",
    "evil.example",
    " ",
  ];
  let passed = 0;
  const look = (text: string, depth: number): void => {
    const path = safePath(text);
    if (path !== null) {
      passed += 1;
      const url = new URL(path, own);
      expect([text, url.origin, url.href]).toEqual([text, own, own + path]);
      expect(url.pathname).toMatch(/^\/(console|invitation)(\/|$)/);
    }
    if (depth > 0) for (const bit of bits) look(text + bit, depth - 1);
  };
  look("", 4);
  look("/console", 3);
  look("/console/channel", 3);
  expect(passed).toBeGreaterThan(100);
});

test("the page to sign in at carries where to go on, and nothing that leads elsewhere", () => {
  const next = (path: string | null) =>
    new URL(signInPath(path), "http://n").searchParams.get("next");
  const page = "/console/channel/1/statistics/errors";
  expect(next(`${page}?from=2026-11-20T10%3A00Z&status=503`)).toBe(
    `${page}?from=2026-11-20T10%3A00Z&status=503`,
  );
  expect(next(`${page}?q=${"x".repeat(nextPathLengthMax)}`)).toBe(page);
  for (const path of [...elsewhere, "/console"]) {
    if (path?.startsWith("/console?") === true) continue;
    expect([path, signInPath(path)]).toEqual([path, "/sign-in"]);
  }
});

test("what Next asks for in between is the page's own address", () => {
  const of = (pathname: string, search: string) => askedPathOf({ pathname, search });
  expect(of("/console", "")).toBe("/console");
  expect(of("/console", "?a=1%3A2&_rsc=x1")).toBe("/console?a=1%3A2");
  expect(of("/console", "?_rsc=x1")).toBe("/console");
  expect(of("/console", "?a=%20")).toBe("/console?a=%20");
});
