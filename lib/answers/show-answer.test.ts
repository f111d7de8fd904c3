import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { showBody, showHeaderValue } from "./show-answer.ts";
import { shownBytesMax } from "./unpack.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const show = (body: Buffer, headers: Record<string, string> = {}) =>
  showBody(Object.entries(headers), body);

// エラー, "an error", in the charsets of Japanese servers.
const error = {
  shift_jis: hex("83478389815b"),
  "euc-jp": hex("a5a8a5e9a1bc"),
  "iso-2022-jp": hex("1b2442 2528 2569 213c 1b2842"),
  "utf-8": Buffer.from("エラー"),
  "utf-16le": hex("a830e930fc30"),
} as const;
type Name = keyof typeof error;

describe("the charset of an answer", () => {
  test.each<[Name, string, string]>([
    ["shift_jis", "text/html; charset=Shift_JIS", "shift_jis"],
    ["shift_jis", 'text/html; Charset="x-sjis"; a=b', "shift_jis"],
    ["shift_jis", "text/plain;charset=Windows-31J", "shift_jis"],
    ["shift_jis", "text/plain; charset=cp932", "shift_jis"],
    ["euc-jp", "text/html; charset=EUC-JP", "euc-jp"],
    ["euc-jp", "text/html; charset=eucJP-win", "euc-jp"],
    ["iso-2022-jp", "text/html; charset=ISO-2022-JP", "iso-2022-jp"],
    ["utf-16le", "text/plain; charset=utf-16le", "utf-16le"],
    ["utf-8", "application/json; charset=utf8", "utf-8"],
  ])("of %s bytes is what %j says", async (name, type, expected) => {
    expect(await show(error[name], { "Content-Type": type })).toEqual({
      text: "エラー",
      byteCount: error[name].length,
      packing: null,
      charset: { name: expected, from: "header", contradicts: null },
    });
  });

  test.each([
    ["gb18030", "c4e3bac3", "你好"],
    ["gbk", "c4e3bac3", "你好"],
    ["big5", "a741a66e", "你好"],
    ["euc-kr", "b0a1b3aa", "가나"],
    ["windows-874", "cac7d1ca", "สวัส"],
    ["windows-1252", "9380942063616699", "“€” caf™"],
    ["iso-8859-1", "636166e9", "café"],
  ])("%s is known", async (label, bytes, text) => {
    const shown = await show(hex(bytes), { "content-type": `text/plain; charset=${label}` });
    expect(shown?.text).toBe(text);
  });

  const page = (head: string, body: Buffer) =>
    Buffer.concat([Buffer.from(`${head}<title>`), body, Buffer.from("</title>")]);
  test.each<[string, Name, string, string]>([
    ['<html><meta charset="Shift_JIS">', "shift_jis", "shift_jis", "meta"],
    [
      "<META http-equiv='Content-Type' content='text/html; charset=euc-jp'>",
      "euc-jp",
      "euc-jp",
      "meta",
    ],
    ['<?xml version="1.0" encoding="Shift_JIS"?>', "shift_jis", "shift_jis", "xml"],
    ["<meta charset=utf-16>", "utf-8", "utf-8", "meta"],
  ])("is read from %j", async (head, name, expected, from) => {
    const shown = await show(page(head, error[name]), { "content-type": "text/html" });
    expect(shown?.text).toContain("<title>エラー");
    expect(shown?.charset).toEqual({ name: expected, from, contradicts: null });
  });

  test.each([
    ["efbbbf e382a8", "エ", "utf-8"],
    ["fffe a830", "エ", "utf-16le"],
    ["feff 30a8", "エ", "utf-16be"],
  ])("is told by the byte order mark of %s, which is not shown", async (bytes, text, name) => {
    const shown = await show(hex(bytes), { "content-type": "text/plain; charset=us-ascii" });
    expect(shown).toMatchObject({ text, charset: { name, from: "bom" } });
  });

  test("that is told wrongly is passed over and named", async () => {
    const head = "<meta charset=shift_jis>";
    expect(
      await show(page(head, error.shift_jis), { "content-type": "text/html; charset=UTF-8" }),
    ).toMatchObject({ charset: { name: "shift_jis", from: "meta", contradicts: "UTF-8" } });
    expect(await show(error["utf-8"], { "content-type": "text/html; charset=sjis" })).toMatchObject(
      { text: "エラー", charset: { name: "utf-8", from: "valid", contradicts: "sjis" } },
    );
    const latin = { "content-type": "text/html;charset=ISO-8859-1" };
    expect(await show(Buffer.from("café"), latin)).toMatchObject({
      text: "café",
      charset: { name: "utf-8", from: "valid", contradicts: "ISO-8859-1" },
    });
    expect(await show(error["utf-8"], { "content-type": "a; charset=x-nobody" })).toMatchObject({
      text: "エラー",
      charset: { name: "utf-8", from: "valid", contradicts: "x-nobody" },
    });
  });

  test.each<[Name, string]>([
    ["shift_jis", "likely"],
    ["euc-jp", "likely"],
    ["iso-2022-jp", "likely"],
    ["utf-8", "valid"],
  ])("of %s that nobody tells is recognised", async (name, from) => {
    expect(await show(error[name])).toMatchObject({ text: "エラー", charset: { name, from } });
  });

  test("that nobody knows is assumed, and said to be", async () => {
    expect(await show(hex("636166e920 9394"))).toMatchObject({
      text: "café “”",
      charset: { name: "windows-1252", from: "assumed", contradicts: null },
    });
  });

  test("of what is ASCII does not matter", async () => {
    expect(await show(Buffer.from("hello"), { "content-type": "a; charset=euc-jp" })).toMatchObject(
      {
        text: "hello",
        charset: { name: "utf-8", from: "valid" },
      },
    );
  });

  test.each<Name>(["utf-8", "shift_jis", "euc-jp", "utf-16le"])(
    "%s is recognised although the last character was cut off",
    async (name) => {
      const bytes = error[name].subarray(0, -1);
      const type = name === "utf-16le" ? { "content-type": "a; charset=utf-16" } : {};
      expect(await show(bytes, type)).toMatchObject({ text: "エラ", charset: { name } });
    },
  );
});

describe("a packed answer", () => {
  const text = "an error ".repeat(500) + Array.from({ length: 500 }, (_, index) => index).join(" ");
  const bytes = Buffer.from(text);
  const packers = [
    ["gzip", "gzip", gzipSync],
    ["X-Gzip", "gzip", gzipSync],
    ["deflate", "deflate", deflateSync],
    ["deflate", "deflate", deflateRawSync],
    ["br", "br", brotliCompressSync],
  ] as const;

  test.each(packers)("of %s is unpacked (%s)", async (header, coding, pack) => {
    const unpacked = { state: "unpacked", codings: [coding], isAnnounced: true };
    const packed = pack(bytes);
    expect(await show(packed, { "content-encoding": header })).toMatchObject({
      text,
      packing: { ...unpacked, end: "whole" },
    });
    const cut = await show(packed.subarray(0, -20), { "content-encoding": header });
    expect(cut?.packing).toEqual({ ...unpacked, end: "cut" });
    expect(text.startsWith(cut?.text ?? "-")).toBe(true);
    expect(cut?.text.length).toBeGreaterThan(100);
  });

  test.each(packers)(
    "of %s never gives more than is shown, whatever is in it",
    async (header, _coding, pack) => {
      const shown = await show(pack(Buffer.alloc(30_000_000, "a")), { "content-encoding": header });
      expect(shown?.text).toHaveLength(shownBytesMax);
      expect(shown?.packing).toMatchObject({ state: "unpacked", end: "long" });
    },
  );

  test("in two codings is unpacked from the last to the first", async () => {
    const packed = gzipSync(brotliCompressSync(bytes));
    for (const headers of [
      { "content-encoding": "br, gzip" },
      { "content-encoding": "br", "transfer-encoding": "gzip, chunked" },
    ]) {
      expect(await show(packed, headers)).toMatchObject({
        text,
        packing: { state: "unpacked", codings: ["gzip", "br"], end: "whole" },
      });
    }
  });

  test("is read by its charset afterwards", async () => {
    const page = Buffer.concat([Buffer.from("<meta charset=Shift_JIS>"), error.shift_jis]);
    expect(await show(gzipSync(page), { "content-encoding": "gzip" })).toMatchObject({
      text: "<meta charset=Shift_JIS>エラー",
      charset: { name: "shift_jis", from: "meta" },
    });
  });

  test("is recognised by its first bytes although no header says so", async () => {
    expect(await show(gzipSync(bytes))).toMatchObject({
      text,
      packing: { state: "unpacked", codings: ["gzip"], isAnnounced: false },
    });
  });

  test.each([
    ["gzip", Buffer.from("plain")],
    ["br", Buffer.from('{"message":"plain"}')],
    ["deflate", Buffer.from("<html>plain".repeat(300))],
    ["zstd", Buffer.from("plain")],
    ["UTF-8", Buffer.from("plain")],
  ])("that is not packed although the headers say %s is shown as it is", async (coding, body) => {
    expect(await show(body, { "content-encoding": coding })).toMatchObject({
      text: body.toString(),
      packing: { state: "left", coding: coding.toLowerCase() },
    });
  });

  test("that goes on as something else shows what came before", async () => {
    const random = Buffer.from(Array.from({ length: 40_000 }, (_, index) => (index * 7919) % 251));
    const packed = gzipSync(random);
    const shown = await show(Buffer.concat([packed, Buffer.from("garbage")]), {
      "content-encoding": "gzip",
    });
    expect(shown?.packing).toMatchObject({ state: "unpacked", end: "broken" });
    expect(shown?.text.length).toBeGreaterThan(30_000);
  });

  test("of no coding is left alone", async () => {
    expect(await show(bytes, { "content-encoding": "identity" })).toMatchObject({ packing: null });
  });
});

test("an answer without a body has none to show", async () => {
  expect(await showBody([], null)).toBeNull();
  expect(await showBody([], new Uint8Array(0))).toBeNull();
});

test.each([
  ["plain", "plain"],
  [Buffer.from("エラー").toString("latin1"), "エラー"],
  ["caf\xe9", "caf\xe9"],
  ["エ\xe9", "エ\xe9"],
])("the header value %j is shown as %j", (value, expected) => {
  expect(showHeaderValue(value)).toBe(expected);
});

test("any bytes under any headers are shown, and not too much of them", async () => {
  const coding = fc.constantFrom("gzip", "deflate", "br", "zstd", "gzip, br", "x, deflate", "");
  const type = fc.oneof(
    fc.constantFrom(
      "a; charset=shift_jis",
      "a; charset=utf-16",
      "a; charset=iso-2022-jp",
      "a;charset=",
    ),
    fc.string({ maxLength: 20 }).map((label) => `text/html; charset=${label}`),
  );
  await fc.assert(
    fc.asyncProperty(
      coding,
      type,
      fc.uint8Array({ maxLength: 300 }),
      async (encoding, kind, bytes) => {
        const headers: [string, string][] = [
          ["content-encoding", encoding],
          ["content-type", kind],
        ];
        for (const body of [bytes, gzipSync(bytes), brotliCompressSync(bytes).subarray(0, -3)]) {
          const shown = await showBody(headers, body);
          expect(shown?.text.length ?? 0).toBeLessThanOrEqual(shownBytesMax);
        }
      },
    ),
    { numRuns: 300 },
  );
});
