import { expect, test } from "vitest";
import { firstLoadScripts } from "./first-load.ts";

test("the scripts of a page are those of its tags and those that its parts name, each once, without old browsers'", () => {
  const html = `
    <link rel="preload" as="script" href="/_next/static/chunks/1kdj.js"/>
    <script src="/_next/static/chunks/1kdj.js" async=""></script>
    <script src="/_next/static/chunks/turbopack-07_~-x.js" async=""></script>
    <script src="/_next/static/chunks/0cz1.js" noModule=""></script>
    <script>self.__next_f.push([1,"1:I[33,[\\"/_next/static/chunks/421c.js\\",\\"/_next/static/chunks/1kdj.js\\"],\\"Tabs\\"]"])</script>`;
  expect(firstLoadScripts(html)).toEqual([
    "/_next/static/chunks/1kdj.js",
    "/_next/static/chunks/turbopack-07_~-x.js",
    "/_next/static/chunks/421c.js",
  ]);
});
