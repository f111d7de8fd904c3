import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { HTTPFetchError, messagingApi } from "@line/bot-sdk";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DnsServer, startDnsServer } from "#e2e/servers/dns-server.ts";
import { testSender } from "#e2e/servers/sending.ts";
import { verifyLimit } from "#lib/channels/verify-webhook.ts";
import type { Database } from "#lib/db.ts";
import { takeTry } from "#lib/limits/rate-limit.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { issueChannelToken, revokeChannelTokens } from "#lib/tokens/channel-tokens.ts";
import type { Sender } from "#lib/transport/sender.ts";
import { createChannel, testActor, testEncryptionKey } from "#testing/factories.ts";
import { createTestApi } from "#testing/test-api.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { endpointLimits } from "./webhook-settings-route.ts";

// The settings as bots reach them on the LINE Platform, by its own SDK pointed here.

let database: Database;
let app: FastifyInstance;
let dns: DnsServer;
let sender: Sender;
let url: string;
beforeAll(async () => {
  database = await createTestDatabase();
  dns = await startDnsServer();
  sender = testSender({ dns: dns.address });
  app = createTestApi(database, {
    sender,
    provisioning: {
      encryptionKey: testEncryptionKey,
      policy: createTargetPolicy({ allowTargets: ["127.0.0.0/8"], allowHttp: true }),
    },
  });
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await app.close();
  await sender.close();
  await dns.close();
  await database.close();
});

type Overrides = Parameters<typeof createChannel>[1];
async function makeBot(overrides: Overrides = {}) {
  const channel = await createChannel(database.db, overrides);
  const { id: channelId } = channel;
  const token = await issueChannelToken(database.db, testActor, { channelId, keepHours: 0 });
  const client = new messagingApi.MessagingApiClient({ channelAccessToken: token, baseURL: url });
  return { ...channel, client, token };
}

/** What the SDK throws at a bot: status and the platform's message. */
async function refusalOf(call: Promise<unknown>): Promise<{ status: number; message: string }> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HTTPFetchError)) throw new Error("not refused", { cause: error });
  return { status: error.status, message: JSON.parse(error.body).message };
}

async function startBotServer(status: number | "silent") {
  const bodies: unknown[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
    if (status !== "silent") response.writeHead(status).end();
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((settle) => server.close(settle));
  };
  return { bodies, close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

test("a bot reads and sets its own channel's Webhook URL, and Use webhook stays as it was", async () => {
  const { client, id, name } = await makeBot({ useWebhook: false });
  const other = await makeBot({ webhookUrl: "https://other.example.com/" });
  expect(await refusalOf(client.getWebhookEndpoint())).toEqual({
    status: 404,
    message: "Webhook endpoint not found",
  });
  expect(await client.setWebhookEndpoint({ endpoint: "https://bot.example.com/hook" })).toEqual({});
  expect(await client.getWebhookEndpoint()).toEqual({
    endpoint: "https://bot.example.com/hook",
    active: false,
  });
  expect(await other.client.getWebhookEndpoint()).toMatchObject({
    endpoint: "https://other.example.com/",
  });
  await database.db.channel.update({ where: { id }, data: { useWebhook: true } });
  await client.setWebhookEndpoint({ endpoint: "https://bot.example.com/next" });
  expect(await client.getWebhookEndpoint()).toMatchObject({ active: true });
  const entries = await database.db.auditEntry.findMany({
    where: { channelId: id, action: "webhook_url_set" },
    orderBy: { id: "asc" },
  });
  expect(entries).toMatchObject([
    { actorKind: "channel_token", actorId: id, actorName: name },
    { before: { webhookUrl: "https://bot.example.com/hook" } },
  ]);
});

test.each([
  "not a url",
  "ftp://bot.example.com/",
  "https://10.0.0.1/",
  `https://bot.example.com/${"x".repeat(500)}`,
])("the endpoint %s is refused, and nothing changes", async (endpoint) => {
  const { client } = await makeBot({ webhookUrl: "https://bot.example.com/" });
  const refused = { status: 400, message: "Invalid webhook endpoint URL" };
  expect(await refusalOf(client.setWebhookEndpoint({ endpoint }))).toEqual(refused);
  expect(await refusalOf(client.testWebhookEndpoint({ endpoint }))).toEqual(refused);
  expect(await client.getWebhookEndpoint()).toMatchObject({ endpoint: "https://bot.example.com/" });
});

test.each([
  ["nothing", undefined],
  ["no object", "[1]"],
  ["no text", '{"endpoint":1}'],
  ["null", '{"endpoint":null}'],
  ["no JSON", "{"],
])("a body that is %s is refused", async (_what, body) => {
  const { token } = await makeBot();
  const response = await fetch(`${url}/v2/bot/channel/webhook/endpoint`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body }),
  });
  expect(response.status).toBe(400);
  expect(response.headers.get("x-line-request-id")).toMatch(/^[\da-f-]{36}$/);
});

test.each([
  { status: 200, says: { success: true, statusCode: 200, reason: "OK", detail: "200" } },
  { status: 204, says: { success: true, statusCode: 204, reason: "OK", detail: "204" } },
  {
    status: 503,
    says: { success: false, statusCode: 503, reason: "ERROR_STATUS_CODE", detail: "503" },
  },
])("a check of a bot server that answers $status says so", async ({ status, says }) => {
  const bot = await startBotServer(status);
  const { client, botUserId } = await makeBot({ webhookUrl: bot.url });
  const answer = await client.testWebhookEndpoint({});
  expect(answer).toMatchObject(says);
  expect(new Date(answer.timestamp).toISOString()).toBe(answer.timestamp);
  expect(bot.bodies).toEqual([{ destination: botUserId, events: [] }]);
  await bot.close();
});

test("a check of a bot server that does not answer, or that nobody runs, says what went wrong", async () => {
  const bot = await startBotServer("silent");
  const { client } = await makeBot({ webhookUrl: bot.url });
  expect(await client.testWebhookEndpoint({})).toMatchObject({
    success: false,
    statusCode: 0,
    reason: "REQUEST_TIMEOUT",
    detail: "Request timeout",
  });
  await bot.close();
  const answer = await client.testWebhookEndpoint({ endpoint: bot.url });
  expect(answer).toMatchObject({ success: false, statusCode: 0, reason: "COULD_NOT_CONNECT" });
  expect(answer.detail.endsWith(`: ${bot.url}`)).toBe(true);
});

test("a check goes where it is told and changes nothing; without any URL there is nothing to check", async () => {
  const bot = await startBotServer(200);
  const { client } = await makeBot();
  expect(await refusalOf(client.testWebhookEndpoint({}))).toMatchObject({ status: 404 });
  expect(await client.testWebhookEndpoint({ endpoint: bot.url })).toMatchObject({ success: true });
  expect(await refusalOf(client.getWebhookEndpoint())).toMatchObject({ status: 404 });
  await bot.close();
});

test("a host name that does not resolve is no endpoint to check", async () => {
  const { client } = await makeBot();
  const check = client.testWebhookEndpoint({ endpoint: "https://nowhere.test/" });
  expect(await refusalOf(check)).toEqual({ status: 400, message: "Invalid webhook endpoint URL" });
});

test.each([
  { method: "GET", path: "endpoint", limit: endpointLimits.GET },
  { method: "PUT", path: "endpoint", limit: endpointLimits.PUT },
  { method: "POST", path: "test", limit: verifyLimit },
])(
  "$method $path is limited for the channel alone, in the platform's words",
  async ({ method, path, limit }) => {
    const [bot, other] = [await makeBot(), await makeBot()];
    await Promise.all(Array.from({ length: limit.max }, () => takeTry(database.db, limit, bot.id)));
    const ask = ({ token }: typeof bot) =>
      fetch(`${url}/v2/bot/channel/webhook/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        // Nothing is sent anywhere: a test stops at the name.
        ...(method === "GET" ? {} : { body: '{"endpoint":"https://nowhere.test/"}' }),
      });
    const refused = await ask(bot);
    expect([refused.status, await refused.json()]).toEqual([
      429,
      { message: "The API rate limit has been exceeded. Try again later." },
    ]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await ask(other)).status).not.toBe(429);
  },
);

test("a revoked token is refused from the next request on", async () => {
  const { id, client } = await makeBot({ webhookUrl: "https://bot.example.com/" });
  await client.getWebhookEndpoint();
  await revokeChannelTokens(database.db, testActor, id);
  expect(await refusalOf(client.getWebhookEndpoint())).toMatchObject({ status: 401 });
});
