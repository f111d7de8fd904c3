import { expect, test } from "vitest";
import type { Seen } from "#lib/transport/schema.ts";
import { readSeen } from "./read-seen.ts";

const everything: Required<Seen> = {
  phase: "answer",
  code: "ECONNRESET",
  alert: "certificate_required",
  goAway: "NO_ERROR",
  reset: "CANCEL",
  tlsVersion: "TLSv1.3",
  clientCertificateAsked: true,
  serverCertificateShown: true,
  firstBytes: "SSH-2.0\\x0d",
  isReused: true,
  oddities: ["FOLDED_FIELD"],
  repeats: [{ why: "refused_stream", afterMs: 12.4, code: "REFUSED_STREAM", isMarked: true }],
};

test("all that the sender can have seen is read back from where it was stored", () => {
  expect(readSeen(JSON.parse(JSON.stringify(everything)))).toEqual(everything);
});

test("what a server sent is shown as harmless text", () => {
  const seen = readSeen({ ...everything, firstBytes: "a\u202eb\u001b[31m" });
  expect(seen?.firstBytes).toBe("a<U+202E>b<U+001B>[31m");
});

test("what was not stored, or by a version of another mind, is not shown", () => {
  expect(readSeen(null)).toBeNull();
  expect(readSeen({ phase: "elsewhere" })).toBeNull();
});
