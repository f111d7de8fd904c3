import { expect, test } from "vitest";
import { readTemplate } from "./nothing-here.ts";

const sample = { samplePath: "/nothing-1a2b", nonce: "CaKo/5Cd+w==" };
const page = (path: string, nonce: string) =>
  String.raw`<script nonce="${nonce}">push([1,"0:{\"P\":null,\"c\":${path},\"q\":\"\"}"])</script><script nonce="${nonce}"></script>`;

test("a page is filled with the path that was asked for, and with its own nonce throughout", () => {
  const fill = readTemplate(page(String.raw`[\"\",\"nothing-1a2b\"]`, sample.nonce), sample);
  expect(fill?.("/a/b-c", "$&new==")).toBe(page(String.raw`[\"\",\"a\",\"b-c\"]`, "$&new=="));
});

test("a page that names the path elsewhere too, or not at all, is none to be filled", () => {
  const known = page(String.raw`[\"\",\"nothing-1a2b\"]`, sample.nonce);
  expect(readTemplate(`${known}<p>nothing-1a2b</p>`, sample)).toBeNull();
  expect(readTemplate(page(String.raw`[\"\"]`, sample.nonce), sample)).toBeNull();
});
