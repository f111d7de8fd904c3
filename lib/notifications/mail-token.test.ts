import { expect, test } from "vitest";
import { type MailLink, readMailToken, signMailToken } from "./mail-token.ts";

const key = Buffer.alloc(32, 1);
const link: MailLink = { kind: "channel", channelId: "1657203944", address: "a@example.com" };

test("a token means what was signed, and nothing under another key", () => {
  const token = signMailToken(key, link);
  expect(readMailToken(key, token)).toEqual(link);
  expect(readMailToken(Buffer.alloc(32, 2), token)).toBeNull();
});

test("nothing that was changed or made up is read", () => {
  const [text = "", signature = ""] = signMailToken(key, link).split(".");
  const other = Buffer.from(JSON.stringify({ ...link, channelId: "1" })).toString("base64url");
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
