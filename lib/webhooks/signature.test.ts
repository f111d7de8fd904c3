import { expect, test } from "vitest";
import { lineSignature, standardWebhooksSecret, standardWebhooksSignature } from "./signature.ts";

test("the documented test vector is reproduced", () => {
  const body = Buffer.from('{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}');
  expect(lineSignature("8c570fa6dd201bb328f1c1eac23a96d8", body)).toBe(
    "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=",
  );
});

test("the Standard Webhooks secret is the channel secret's bytes in base64", () => {
  expect(standardWebhooksSecret("8c570fa6dd201bb328f1c1eac23a96d8")).toBe(
    "whsec_OGM1NzBmYTZkZDIwMWJiMzI4ZjFjMWVhYzIzYTk2ZDg=",
  );
});

test("id and time are signed too", () => {
  const sign = (id: string, seconds: number) =>
    standardWebhooksSignature("secret", id, seconds, Buffer.from("{}"));
  expect(sign("a", 1)).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  expect(new Set([sign("a", 1), sign("b", 1), sign("a", 2)]).size).toBe(3);
});
