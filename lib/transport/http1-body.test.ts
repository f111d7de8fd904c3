import { describe, expect, test } from "vitest";
import { BodyReader } from "./http1-body.ts";

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
