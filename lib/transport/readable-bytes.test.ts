import { expect, test } from "vitest";
import { readableBytes } from "./readable-bytes.ts";

test("bytes that are no HTTP become text that hides and changes nothing", () => {
  expect(readableBytes(Buffer.from("SSH-2.0-OpenSSH_9.2\r\n"))).toBe(
    "SSH-2.0-OpenSSH_9.2\\x0d\\x0a",
  );
  expect(readableBytes(Buffer.from([0x15, 0x03, 0x5c, 0xff, 0x00]))).toBe(
    "\\x15\\x03\\x5c\\xff\\x00",
  );
});

test("no more than 64 of them", () => {
  expect(readableBytes(Buffer.alloc(1_000, "a"))).toBe("a".repeat(64));
});
