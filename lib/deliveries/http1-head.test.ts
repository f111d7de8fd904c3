import { describe, expect, test } from "vitest";
import { BodyReader } from "./http1-body.ts";
import { parseHead } from "./http1-head.ts";

const head = (text: string) => {
  const result = parseHead(Buffer.from(text.replaceAll("\n", "\r\n"), "latin1"));
  if (result.kind !== "head") return result.kind;
  const { framing, persistent } = result.head;
  return `${framing.kind}${framing.kind === "length" ? ` ${framing.bytes}` : ""}${persistent ? ", kept" : ""}`;
};

describe("where an answer ends, and whether its connection is kept", () => {
  test.each([
    ["HTTP/1.1 200 OK\ncontent-length: 5\n\n", "length 5, kept"],
    ["HTTP/1.1 200 OK\nContent-Length: 5\nCONTENT-LENGTH: 5\n\n", "length 5, kept"],
    ["HTTP/1.1 200 OK\ncontent-length: 5\nConnection: Close\n\n", "length 5"],
    ["HTTP/1.1 200 OK\ncontent-length: 5\nconnection: x, close\n\n", "length 5"],
    ["HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n", "chunked, kept"],
    ["HTTP/1.1 200 OK\ntransfer-encoding: gzip, Chunked\n\n", "chunked, kept"],
    ["HTTP/1.1 200 OK\ntransfer-encoding: chunked, gzip\n\n", "until_close"],
    ["HTTP/1.1 200 OK\ntransfer-encoding: chunked\ncontent-length: 5\n\n", "chunked"],
    ["HTTP/1.1 200 OK\n\n", "until_close"],
    ["HTTP/1.1 204 No Content\n\n", "none, kept"],
    ["HTTP/1.1 304 Not Modified\ncontent-length: 5\n\n", "none, kept"],
    ["HTTP/1.0 200 OK\ncontent-length: 5\n\n", "length 5"],
    ["HTTP/1.0 200 OK\ncontent-length: 5\nconnection: keep-alive\n\n", "length 5, kept"],
    ["HTTP/1.1 200 OK\ncontent-length: 5, 5\n\n", "malformed"],
    ["HTTP/1.1 200 OK\ncontent-length: +5\n\n", "malformed"],
    ["HTTP/1.1 200 OK\ncontent-length : 5\n\n", "malformed"],
    ["HTTP/1.1 200 OK\ncontent-le", "incomplete"],
    ["HTT", "incomplete"],
    ["HTTQ", "malformed"],
    ["HTTP/1.1  200 OK\n\n", "malformed"],
    ["\nHTTP/1.1 200 OK\n\n", "malformed"],
  ])("%j: %s", (text, expected) => {
    expect(head(text)).toBe(expected);
  });
});

describe("a chunked body", () => {
  const read = (text: string, pieceBytes = 1_000) => {
    const reader = new BodyReader({ kind: "chunked" });
    const content: Buffer[] = [];
    const bytes = Buffer.from(text, "latin1");
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      reader.push(bytes.subarray(at, at + pieceBytes), (piece) => content.push(piece));
    }
    return `${Buffer.concat(content)} ${reader.state}${reader.hasExtra ? " extra" : ""}`;
  };

  test.each([
    ["5\r\nhello\r\n0\r\n\r\n", "hello complete"],
    ["5;a=b\r\nhello\r\n6 \r\n world\r\n0\r\nx: y\r\n\r\n", "hello world complete"],
    ["A\r\n0123456789\r\n0\r\n\r\n", "0123456789 complete"],
    ["5\r\nhello\r\n0\r\n\r\nHTTP/1.1", "hello complete extra"],
    ["5\r\nhelloX\r\n0\r\n\r\n", "hello broken"],
    ["-5\r\nhello", " broken"],
    ["fffffffff\r\n", " broken"],
    ["5\r\nhel", "hel open"],
  ])("%j: %s, however it is cut", (text, expected) => {
    for (const pieceBytes of [1, 2, 3, 7, 1_000]) expect(read(text, pieceBytes)).toBe(expected);
  });
});
