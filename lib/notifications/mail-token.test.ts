import { expect, test } from "vitest";
import { type MailScope, readMailToken, signMailToken } from "./mail-token.ts";

const key = Buffer.alloc(32, 1);
const scope: MailScope = { kind: "channel", channelId: "1657203944", address: "a@example.com" };

test("a token means what was signed, and nothing under another key", () => {
  const token = signMailToken(key, scope);
  expect(readMailToken(key, token)).toEqual(scope);
  expect(readMailToken(Buffer.alloc(32, 2), token)).toBeNull();
});

test("nothing that was changed or made up is read", () => {
  const [text = "", signature = ""] = signMailToken(key, scope).split(".");
  const other = Buffer.from(JSON.stringify({ ...scope, channelId: "1" })).toString("base64url");
  for (const token of [
    `${other}.${signature}`,
    `${text}.`,
    text,
    "",
    ".",
    `${text}.${signature}.x`,
    `${text}.${"A".repeat(43)}`,
  ]) {
    expect(readMailToken(key, token)).toBeNull();
  }
});
