import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { diagnoseSignature, isRight } from "./diagnose-signature.ts";
import type { SignatureReading } from "./schema.ts";
import { lineSignature, standardWebhooksSecret } from "./signature.ts";

const secret = "8c570fa6dd201bb328f1c1eac23a96d8";
const nextSecret = "0123456789abcdef0123456789abcdef";
const channelId = "1234567890";
const body =
  '{"destination":"U8e74","events":[{"type":"message","message":{"text":"こんにちは / hi"},"n":[1,null]}]}';

const ask = (signature: string, given = body) =>
  diagnoseSignature({ body: given, signature, channelId, secret, nextSecret });
const hmac = (key: string | Buffer, text: string | Buffer, hash = "sha256") =>
  createHmac(hash, key).update(text).digest();
const right: SignatureReading = { body: "as_given", secret: "as_given", form: "as_documented" };

test("the header of a delivery is right for the bytes that were delivered", () => {
  const found = ask(lineSignature(secret, Buffer.from(body)));
  expect(found).toEqual(right);
  expect(found !== null && isRight(found)).toBe(true);
});

test.each([
  ["a copied header line", (value: string) => `x-line-signature: ${value}\n`],
  ["quotes", (value: string) => `"${value}"`],
  ["spaces around it", (value: string) => `  ${value} `],
])("%s is no mistake", (_name, copied) => {
  expect(ask(copied(lineSignature(secret, Buffer.from(body))))).toEqual(right);
});

test("ends of lines as a browser's form sends them are those of the body", () => {
  const lines = body.replaceAll(",", ",\n");
  const value = lineSignature(secret, Buffer.from(lines));
  expect(ask(value, lines.replaceAll("\n", "\r\n"))).toEqual(right);
});

const python =
  '{"destination": "U8e74", "events": [{"type": "message", "message": {"text": "こんにちは / hi"}, "n": [1, null]}]}';
const ascii = (text: string) =>
  [...text]
    .map((sign) => (sign > "\x7F" ? `\\u${sign.charCodeAt(0).toString(16)}` : sign))
    .join("");

describe("what was done with the body that was signed is named", () => {
  test.each<[SignatureReading["body"], string, string?]>([
    ["newline_added", `${body}\n`],
    ["newline_removed", body, `${body}\n`],
    ["crlf", body.replaceAll(",", ",\r\n"), body.replaceAll(",", ",\n")],
    ["byte_order_mark", `\uFEFF${body}`],
    ["reserialized", body, body.replaceAll(",", " ,  ")],
    ["reserialized_spaced", python],
    ["reserialized_ascii", ascii(body)],
    ["reserialized_ascii", ascii(python)],
    ["reserialized_slashes", ascii(body).replaceAll("/", "\\/")],
    ["reserialized_indented", JSON.stringify(JSON.parse(body), null, 2)],
    ["parsed_object", "[object Object]"],
    ["empty", ""],
    ["empty", "{}"],
  ])("%s", (reading, signed, given = body) => {
    const value = lineSignature(secret, Buffer.from(signed));
    expect(ask(value, given)).toEqual({ ...right, body: reading });
  });
});

describe("what it was signed with is named", () => {
  test.each<[SignatureReading["secret"], string | Buffer]>([
    ["next", nextSecret],
    ["padded", `${secret}\n`],
    ["padded", ` ${secret}`],
    ["upper_case", secret.toUpperCase()],
    ["hex_decoded", Buffer.from(secret, "hex")],
    ["base64_decoded", Buffer.from(secret, "base64")],
    ["standard_webhooks", standardWebhooksSecret(secret)],
    ["channel_id", channelId],
    ["none", ""],
  ])("%s", (reading, key) => {
    expect(ask(hmac(key, body).toString("base64"))).toEqual({ ...right, secret: reading });
  });
});

describe("how it was made and written is named", () => {
  test.each<[SignatureReading["form"], string]>([
    ["hex", hmac(secret, body).toString("hex")],
    ["hex", `sha256=${hmac(secret, body).toString("hex").toUpperCase()}`],
    ["hex_in_base64", Buffer.from(hmac(secret, body).toString("hex")).toString("base64")],
    ["without_padding", hmac(secret, body).toString("base64").replace("=", "")],
    ["sha1", hmac(secret, body, "sha1").toString("base64")],
    ["sha1", `sha1=${hmac(secret, body, "sha1").toString("hex")}`],
    ["sha512", hmac(secret, body, "sha512").toString("base64")],
    ["not_keyed", createHash("sha256").update(secret).update(body).digest("base64")],
  ])("%s", (reading, value) => {
    expect(ask(value)?.form).toBe(reading);
  });
});

test.each(["", "="])("base64url is named where it differs, also with %j at its end", (end) => {
  // Of most signatures: this one has a slash.
  const given = '{"events":[4]}';
  const value = hmac(secret, given);
  expect(value.toString("base64")).toMatch(/[+/]/);
  expect(ask(value.toString("base64url") + end, given)).toEqual({ ...right, form: "base64url" });
});

test("two mistakes at once are both named", () => {
  expect(ask(hmac(`${secret}\n`, python).toString("hex"))).toEqual({
    body: "reserialized_spaced",
    secret: "padded",
    form: "hex",
  });
});

test("what no usual mistake leads to is nothing that is known", () => {
  expect(ask(lineSignature("another channel's", Buffer.from(body)))).toBeNull();
  expect(ask("")).toBeNull();
  expect(ask("not a signature at all")).toBeNull();
});
