import fc from "fast-check";
import { describe, test } from "vitest";
import { subjectFor } from "#lib/notifications/subject.ts";
import { toHeaderSafe } from "./header-safe.ts";
import { parseMailAddress, parseMailbox } from "./mail-address.ts";

describe("a subject", () => {
  test("is the platform's, with the channel's name", ({ expect }) => {
    expect(subjectFor("error_detected", "Orders bot")).toBe(
      "Messaging API: Your bot server returned no response or an error - Orders bot",
    );
    expect(subjectFor("redelivery_stopped", "予約リマインダー")).toBe(
      "Messaging API: Webhook redelivery stopped - 予約リマインダー",
    );
  });

  test.for([
    ["a\r\nBcc: victim@example.com", "a Bcc: victim@example.com"],
    ["a\nb\u0000c\u0085d\u2028e\u2029f\u000bg", "a b c d e f g"],
    ["safe\u202egnp.exe", "safegnp.exe"],
    ["a\u2066b\u200bc\ufeffd", "abcd"],
    ["  spaced   out  ", "spaced out"],
    ["👩‍👩‍👧 family", "👩‍👩‍👧 family"],
    ["\ud800lone", "lone"],
  ] as const)("turns %j into one harmless line", ([given, expected], { expect }) => {
    expect(toHeaderSafe(given, 80)).toBe(expected);
  });

  test("is cut between whole characters", ({ expect }) => {
    expect(toHeaderSafe("👩‍👩‍👧".repeat(90), 80)).toBe(`${"👩‍👩‍👧".repeat(79)}…`);
  });

  test("never holds a control character, whatever the name is", ({ expect }) => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (name) => {
        expect(subjectFor("error_detected", name)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });
});

describe("an address", () => {
  test.for([
    ["admin@example.com", "admin@example.com"],
    ["first.last+tag@Example.COM", "first.last+tag@example.com"],
    ["ops@bücher.example", "ops@xn--bcher-kva.example"],
    ["root@localhost", "root@localhost"],
  ] as const)("%s is taken", ([given, expected], { expect }) => {
    expect(parseMailAddress(given)).toBe(expected);
  });

  test.for([
    "",
    "nobody",
    "@example.com",
    "a@",
    "a@b@c.example",
    '"victim@evil.example x"@example.com',
    "a b@example.com",
    "a@example.com\r\nRCPT TO:<victim@example.com>",
    "a@exam\u0000ple.com",
    "a@example.com, b@example.com",
    "a@[127.0.0.1]",
    "a@127.0.0.1",
    "a(comment)@example.com",
    "a..b@example.com",
    ".a@example.com",
    "a@-example.com",
    "a@example..com",
    "a@exam\u00adple.com",
    "a@example.com/x",
    "a@%65xample.com",
    `${"a".repeat(65)}@example.com`,
    "<a@example.com>",
    "ユーザー@example.com",
  ])("%j is refused", (given, { expect }) => {
    expect(parseMailAddress(given)).toBeNull();
  });

  test("MAIL_FROM is read with and without a name", ({ expect }) => {
    const address = "tocsin@example.com";
    expect(parseMailbox("Tocsin <tocsin@example.com>")).toEqual({ name: "Tocsin", address });
    expect(parseMailbox('"Tocsin, the bell" <tocsin@example.com>')).toEqual({
      name: "Tocsin, the bell",
      address,
    });
    expect(parseMailbox("tocsin@example.com")).toEqual({ name: "", address });
    expect(() => parseMailbox("Tocsin")).toThrow("MAIL_FROM must be an address");
  });
});
