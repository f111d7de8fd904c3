import { expect, test } from "vitest";
import { type Head, headBytesMax, parseHead } from "./http1-head.ts";

const crlf = (text: string): Buffer => Buffer.from(text.replaceAll("\n", "\r\n"), "latin1");

function parseBytes(bytes: Buffer): Head | string {
  const result = parseHead(bytes);
  return result.kind === "head" ? result.head : result.kind === "malformed" ? result.code : "";
}

function parse(text: string): Head | string {
  return parseBytes(crlf(text));
}

const chunked = { kind: "chunked" };
const untilClose = { kind: "until_close" };
const none = { kind: "none" };
const length = (bytes: number) => ({ kind: "length", bytes });

test.each([
  ["HTTP/1.1 200 OK\nContent-Length: 5\n\n", { statusCode: 200, framing: length(5) }],
  ["HTTP/1.1 200\n\n", { statusCode: 200, framing: untilClose }],
  ["HTTP/1.1 503 \nTransfer-Encoding: gzip, Chunked\n\n", { framing: chunked }],
  ["HTTP/1.1 200 OK\nTransfer-Encoding: chunked, gzip\n\n", { framing: untilClose }],
  ["HTTP/1.1 204 No\nContent-Length: 5\n\n", { framing: none }],
  ["HTTP/1.0 200 OK\n\n", { persistent: false }],
  ["HTTP/1.0 200 OK\nConnection: Keep-Alive\nContent-Length: 0\n\n", { persistent: true }],
  ["HTTP/1.1 200 OK\nConnection: x, close\nContent-Length: 0\n\n", { persistent: false }],
  ["HTTP/1.1 200 OK\nContent-Length: 0\n\n", { persistent: true }],
  // Smuggling: the length may have been meant by somebody else on the way.
  [
    "HTTP/1.1 200 OK\nContent-Length: 1\nTransfer-Encoding: chunked\n\n",
    { persistent: false, framing: chunked },
  ],
  ["HTTP/1.1 200 OK\nKeep-Alive: timeout=5, max=100\n\n", { keepAliveSeconds: 5 }],
  ["HTTP/1.1 200 OK\nX:  padded \t\n\n", { headers: [["X", "padded"]] }],
  ["HTTP/1.1 200 OK\nX: a\xa0\n\n", { headers: [["X", "a\xa0"]] }],
])("a head within the rules is read without a word: %j", (text, expected) => {
  expect(parse(text)).toMatchObject(expected);
});

test.each([
  "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
  "HTTP/1.1 200\nX: \t\xff\xe3 ~\nx-Empty:\nTransfer-Encoding: gzip, chunked\n\n",
])("%j is not odd", (text) => {
  expect(parse(text)).toMatchObject({ oddities: [], persistent: true });
});

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";

test.each([
  // As nginx 1.22 sends an add_header whose value was written over several lines.
  ["X: a;\n    b;\n    c\r\n", [["X", "a; b; c"]], ["BARE_LF", "FOLDED_FIELD"]],
  ["X: a\r\n\tb\r\n", [["X", "a b"]], ["FOLDED_FIELD"]],
  ["X:\r\n b\r\n  \r\n", [["X", "b"]], ["FOLDED_FIELD"]],
  ["X : a\r\n", [["X", "a"]], ["SPACE_BEFORE_COLON"]],
  ["X\t: a\r\n", [["X", "a"]], ["SPACE_BEFORE_COLON"]],
  ["X Y: a\r\n", [["X Y", "a"]], ["FIELD_NAME"]],
  ["X(): a\r\n", [["X()", "a"]], ["FIELD_NAME"]],
  ["\xc3\xa9: a\r\n", [["\xc3\xa9", "a"]], ["FIELD_NAME"]],
  [": a\r\n", [["", "a"]], ["FIELD_NAME"]],
  ["X: a\x1b[2J\r\n", [["X", "a\x1b[2J"]], ["FIELD_VALUE"]],
  ["X: a\0b\r\n", [["X", "a b"]], ["FIELD_VALUE"]],
  ["X\0: a\r\n", [["X", "a"]], ["SPACE_BEFORE_COLON"]],
  ["X: a\x7f\r\n", [["X", "a\x7f"]], ["FIELD_VALUE"]],
  ["hello\r\n", [["", "hello"]], ["NO_COLON"]],
  [
    "<br />\nhello\n",
    [
      ["", "<br />"],
      ["", "hello"],
    ],
    ["NO_COLON", "BARE_LF"],
  ],
] as const)(
  "a field that does not matter costs neither the status nor the connection: %j",
  (line, headers, oddities) => {
    const head = parseBytes(Buffer.from(`${ok}${line}Y: 1\r\n\r\nhi`, "latin1"));
    expect(head).toMatchObject({ statusCode: 200, framing: length(2), persistent: true });
    expect(head).toMatchObject({ headers: [["Content-Length", "2"], ...headers, ["Y", "1"]] });
    expect(new Set(typeof head === "string" ? [] : head.oddities)).toEqual(new Set(oddities));
  },
);

test.each([
  ["HTTP/1.1  200 OK", ["STATUS_LINE_BLANKS"]],
  ["HTTP/1.1\t200\tOK", ["STATUS_LINE_BLANKS"]],
  ["HTTP/1.1 200 \0\x01", []],
  ["HTTP/1.1 200 ", []],
])("a status line with other blanks has its status: %j", (line, oddities) => {
  expect(parse(`${line}\nContent-Length: 0\n\n`)).toMatchObject({
    statusCode: 200,
    persistent: true,
    oddities,
  });
});

test.each([
  ["\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "EMPTY_LINE_FIRST", length(2)],
  [" HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "EMPTY_LINE_FIRST", length(2)],
  ["HTTP/1.7 200 OK\r\nContent-Length: 2\r\n\r\n", "HTTP_VERSION", length(2)],
  ["HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n", "SPACE_BEFORE_COLON", length(2)],
  ["HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\n\r\n", "FOLDED_FIELD", length(2)],
  [`${ok}X: a\r\n content-length: 9\r\n\r\n`, "FOLDED_FIELD", length(2)],
  [`${ok}Transfer-\r\n Encoding: chunked\r\n\r\n`, "FOLDED_FIELD", length(2)],
  [`${ok}Transfer Encoding: chunked\r\n\r\n`, "FIELD_NAME", length(2)],
  [`${ok}Transfer-Encoding\r\n\r\n`, "NO_COLON", length(2)],
  [`${ok}X: a\rTransfer-Encoding: chunked\r\n\r\n`, "BARE_CR", length(2)],
  [`${ok}X: a\rb\r\n\r\n`, "BARE_CR", length(2)],
  [`${ok}X: a\r\r\n\r\n`, "BARE_CR", length(2)],
  ["HTTP/1.1 200 OK\r\r\nContent-Length: 2\r\r\n\r\r\n", "BARE_CR", length(2)],
  ["HTTP/1.1 200 OK\r\nX: a\nContent-Length: 2\r\n\r\n", "BARE_LF", length(2)],
  [`${ok}X: a\n\nY: b\r\n\r\n`, "BARE_LF", length(2)],
  ["HTTP/1.1 200 OK\r\n  a\r\nContent-Length: 2\r\n\r\n", "INDENTED_FIRST", length(2)],
  [`${ok}Content-Length: 2\r\n\r\n`, "CONTENT_LENGTH_REPEATED", length(2)],
  ["HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n", "CONTENT_LENGTH_REPEATED", length(2)],
  [`${ok}Transfer-Encoding: chunked\r\n\r\n`, "LENGTH_AND_CHUNKS", chunked],
  [`${ok}Transfer-Encoding : chunked\r\n\r\n`, "LENGTH_AND_CHUNKS", chunked],
  [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n",
    "CONTENT_LENGTH",
    chunked,
  ],
  ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", "TRANSFER_ENCODING", chunked],
  ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", "TRANSFER_ENCODING", untilClose],
  ["HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n", "TRANSFER_ENCODING", untilClose],
  [
    "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
    "TRANSFER_ENCODING",
    chunked,
  ],
  ["HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", "LENGTH_WITHOUT_BODY", none],
  ["HTTP/1.1 204 No\r\nContent-Length: x\r\n\r\n", "LENGTH_WITHOUT_BODY", none],
  ["HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n", "LENGTH_WITHOUT_BODY", none],
])(
  "a doubt about the answer's end costs the connection, not the status: %j",
  (text, oddity, framing) => {
    const head = parseBytes(Buffer.from(text, "latin1"));
    expect(head).toMatchObject({ statusCode: expect.any(Number), framing, persistent: false });
    expect(typeof head === "string" ? [] : head.oddities).toContain(oddity);
  },
);

test("a length of more digits than fit a number is a long body, not a fault", () => {
  expect(parse("HTTP/1.1 200 OK\nContent-Length: 99999999999999999999\n\n")).toMatchObject({
    framing: length(1e20),
    oddities: [],
  });
});

test.each([
  ["HTTP/2 200 OK\n\n", "HTTP_VERSION"],
  ["HTTP/2 ", "HTTP_VERSION"],
  ["HTTP/0.9 200 OK\n\n", "HTTP_VERSION"],
  ["HTTP/1.1 099 OK\n\n", "STATUS_LINE"],
  ["HTTP/1.1 2000 OK\n\n", "STATUS_LINE"],
  ["HTTP/1.1 200OK\n\n", "STATUS_LINE"],
  ["HTTP/1.1200 OK\n\n", "STATUS_LINE"],
  ["HTTP/1.1\n\n", "STATUS_LINE"],
  ["http/1.1 200 OK\n\n", "NOT_HTTP"],
  ["ICY 200 OK\n\n", "NOT_HTTP"],
  ["SSH-2.0-x\n", "NOT_HTTP"],
  ["\n\n<html>", "NOT_HTTP"],
  ["HTTP/1.1 200 OK\nContent-Length: 1\nContent-Length: 2\n\n", "CONTENT_LENGTHS_DIFFER"],
  ["HTTP/1.1 200 OK\nContent-Length: 1, 2\n\n", "CONTENT_LENGTHS_DIFFER"],
  ["HTTP/1.1 200 OK\nContent-Length : 1\nContent-Length: 2\n\n", "CONTENT_LENGTHS_DIFFER"],
  ["HTTP/1.1 200 OK\nContent-Length: 1\n 2\n\n", "CONTENT_LENGTH"],
  ["HTTP/1.1 200 OK\nContent-Length: +5\n\n", "CONTENT_LENGTH"],
  ["HTTP/1.1 200 OK\nContent-Length:\n\n", "CONTENT_LENGTH"],
  ["HTTP/1.1 200 OK\nContent-Length: 0x10\n\n", "CONTENT_LENGTH"],
  [`HTTP/1.1 200 OK\n${"x: y\n".repeat(501)}\n`, "TOO_MANY_HEADERS"],
  [`HTTP/1.1 200 OK\n${"x: y\n".repeat(5_000)}`, "HEADERS_TOO_LONG"],
  ["\n".repeat(10_000), "HEADERS_TOO_LONG"],
])("what cannot be read with certainty is refused by name: %#", (text, code) => {
  expect(parse(text)).toBe(code);
});

test("a head of the longest length allowed is read, whatever the pieces it comes in", () => {
  const line = "HTTP/1.1 200 OK\r\nX: ";
  const bytes = Buffer.from(`${line}${"a".repeat(headBytesMax - line.length - 1)}\r\n\r\n`);
  expect(parseBytes(bytes)).toMatchObject({ statusCode: 200 });
  for (let cut = 1; cut < 5; cut++) {
    expect(parseHead(bytes.subarray(0, bytes.length - cut))).toEqual({ kind: "incomplete" });
  }
});

test("a status line that has only begun is waited for, other bytes are not", () => {
  for (const text of ["", "HTT", "\r\n", "\r\nHTTP/1.1 20"]) {
    expect(parseHead(Buffer.from(text))).toEqual({ kind: "incomplete" });
  }
  expect(parseHead(Buffer.from("HTX"))).toMatchObject({ kind: "malformed" });
});

test("bare line feeds end the head, and what follows is the body", () => {
  const bytes = Buffer.from("HTTP/1.1 200 OK\ncontent-length: 4\n\n\r\n\r\n");
  const result = parseHead(bytes);
  expect(result).toMatchObject({ kind: "head", bytes: bytes.length - 4 });
  expect(parseBytes(bytes)).toMatchObject({ persistent: true, oddities: ["BARE_LF"] });
});
