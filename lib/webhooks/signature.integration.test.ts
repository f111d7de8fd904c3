import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { middleware, validateSignature } from "@line/bot-sdk";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testRequest, testSender, verdictOf } from "#e2e/servers/sending.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { standardWebhooksSecret } from "./signature.ts";

// The receivers bot developers really use must accept what is sent, over a real socket.

const channelSecret = "8c570fa6dd201bb328f1c1eac23a96d8";
const accept = middleware({ channelSecret });
type Received = { headers: IncomingMessage["headers"]; rawHeaders: string[]; body: Buffer };
let received: Received[] = [];

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    received.push({
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body: Buffer.concat(chunks),
    });
  });
  void accept(
    request as Parameters<typeof accept>[0],
    response as ServerResponse & Parameters<typeof accept>[1],
    (error?: unknown) => {
      response.statusCode = error === undefined ? 200 : 401;
      response.end();
    },
  );
});

let sender: Sender;
let url: string;
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://localhost:${(server.address() as AddressInfo).port}/webhook?channel=1`;
  sender = testSender();
});
afterAll(async () => {
  await sender.close();
  server.close();
});

const webhook = (text: string) =>
  `{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[{"type":"message","message":{"type":"text","id":"1","text":${text}},"webhookEventId":"01K9Z0000000000000000000AA","deliveryContext":{"isRedelivery":false},"timestamp":1700000000000,"source":{"type":"user","userId":"U0"},"replyToken":"r","mode":"active"}]}`;

describe("@line/bot-sdk's middleware accepts", () => {
  test.each([
    ["no events", '{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'],
    ["plain text", webhook('"hello"')],
    ["emoji", webhook('"🤨 家族 👨‍👩‍👧‍👦 é"')],
    ["emoji as escapes", webhook('"\\uD83E\\uDD28 \\u00e9 \\u0000 \\/"')],
    ["a lone surrogate as an escape", webhook('"\\uD83E"')],
    ["spacing of its own", webhook('"a"').replaceAll(",", " ,\n\t")],
    ["line separators", webhook('"a\u2028b\u2029c"')],
    ["60 KiB of emoji", webhook(JSON.stringify("🤨".repeat(15_000)))],
  ])("%s, and the bytes arrive as they were", async (_name, text) => {
    received = [];
    const body = Buffer.from(text);
    const outcome = await sender.send(testRequest(url, { body, channelSecret }));
    expect(verdictOf(outcome)).toBe("delivered / 200");
    expect(received[0]?.body.equals(body)).toBe(true);
    expect(
      validateSignature(body, channelSecret, String(received[0]?.headers["x-line-signature"])),
    ).toBe(true);
  });
});

test("a wrong secret is refused by it", async () => {
  const outcome = await sender.send(testRequest(url, { channelSecret: "0".repeat(32) }));
  expect(verdictOf(outcome)).toBe("error_status_code / 401");
});

test("a Standard Webhooks library accepts it with the secret as documented", async () => {
  received = [];
  const body = Buffer.from(webhook('"🤨 \\uD83E\\uDD28"'));
  await sender.send(
    testRequest(url, { body, channelSecret, webhookId: "01K9Z0000000000000000000ZZ" }),
  );
  const headers: IncomingMessage["headers"] = received[0]?.headers ?? {};
  const got = received[0]?.body ?? Buffer.alloc(0);
  const verifier = new Webhook(standardWebhooksSecret(channelSecret));
  const names = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const;
  const given = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
  expect(verifier.verify(got, given)).toMatchObject({ destination: expect.any(String) });
  expect(() => verifier.verify(got, { ...given, "webhook-id": "another" })).toThrow();
});

test("headers have LINE's names, case and order", async () => {
  received = [];
  await sender.send(testRequest(url));
  const names = (received[0]?.rawHeaders ?? []).filter((_, index) => index % 2 === 0);
  expect(names).toEqual([
    "host",
    "content-length",
    "content-type",
    "user-agent",
    "x-line-signature",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
  ]);
  expect(received[0]?.headers).toMatchObject({
    "content-type": "application/json; charset=utf-8",
    "user-agent": "LineBotWebhook/2.0",
  });
});
