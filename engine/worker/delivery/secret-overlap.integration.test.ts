import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { middleware } from "@line/bot-sdk";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "#e2e/servers/delivery-truth.ts";
import {
  cancelOverlap,
  issueSecretAtOnce,
  issueSecretWithOverlap,
  revealSecrets,
  switchSecret,
} from "#lib/channels/issue-secret.ts";
import type { Database } from "#lib/db.ts";
import { openLog } from "#lib/log.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { createSender, type Sender } from "#lib/transport/sender.ts";
import { lineSignature, standardWebhooksSecret } from "#lib/webhooks/signature.ts";
import { createChannel, testEncryptionKey as key, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { createWorker, type Worker } from "./worker.ts";

// A bot server as bot developers write it, over real sockets: the official SDK decides whether to answer 200 or 401.

type Received = { status: number; headers: IncomingHttpHeaders; body: Buffer };

let database: Database;
let sender: Sender;
let worker: Worker;
let bot: Server;
let url: string;
let botSecret = "";
let received: Received[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  sender = createSender({
    policy: createTargetPolicy({ allowTargets: ["127.0.0.0/8"], allowHttp: true }),
  });
  bot = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    const withBody = Object.assign(request, { body: undefined });
    void middleware({ channelSecret: botSecret })(withBody, response, (error) => {
      const status = error === undefined ? 200 : 401;
      received.push({ status, headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((settle) => bot.listen(0, "127.0.0.1", settle));
  url = `http://127.0.0.1:${(bot.address() as AddressInfo).port}/webhook`;
  worker = createWorker({
    database,
    send: (request) => sender.send(request),
    slots: 8,
    scheduleMs: [50],
    notificationWindowMs: 300_000,
    encryptionKey: key,
    log: openLog("test", "silent"),
  });
  worker.start();
});
afterAll(async () => {
  await worker.stop();
  await sender.close();
  bot.closeAllConnections();
  await new Promise((settle) => bot.close(settle));
  await database.close();
});

async function makeChannel() {
  const channel = await createChannel(database.db, { webhookUrl: url, useWebhook: true });
  botSecret = channel.secret;
  return channel;
}

/** One event on its way through queue, worker and socket; what the bot server got. */
async function deliver(channelId: string): Promise<Received> {
  received = [];
  const event = { type: "message", message: { type: "text", id: "1", text: "🤨 é" } };
  await acceptWebhooks(database.pool, [
    { channelId, events: [JSON.stringify(event)], idempotencyKey: null },
  ]);
  worker.notify();
  await eventually("it is delivered", () => received.length > 0);
  const [one] = received;
  return one ?? expect.fail("nothing was delivered");
}

const secretsOf = (channelId: string) => revealSecrets(database.db, key, channelId);

function standardAccepts(secret: string, { headers, body }: Received): boolean {
  const names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
  const given = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
  try {
    new Webhook(standardWebhooksSecret(secret)).verify(body, given);
    return true;
  } catch {
    return false;
  }
}

function expectBoth(got: Received, old: string, next: string): void {
  expect(got.headers["x-line-signature"]).toBe(lineSignature(old, got.body));
  expect(got.headers["x-line-signature-next"]).toBe(lineSignature(next, got.body));
  expect(got.headers["webhook-signature"]).toMatch(/^v1,[^ ,]+ v1,[^ ,]+$/);
  expect([standardAccepts(old, got), standardAccepts(next, got)]).toEqual([true, true]);
}

function expectOnly(got: Received, secret: string, dead: string): void {
  expect(got.headers["x-line-signature"]).toBe(lineSignature(secret, got.body));
  expect(got.headers).not.toHaveProperty("x-line-signature-next");
  expect(got.headers["webhook-signature"]).toMatch(/^v1,[^ ,]+$/);
  expect([standardAccepts(secret, got), standardAccepts(dead, got)]).toEqual([true, false]);
}

test("until the switch the SDK accepts with the old secret, after it with the new one", async () => {
  const { id, secret: old } = await makeChannel();
  const from = await issueSecretWithOverlap(database.db, key, testActor, id);
  const next = (await secretsOf(id)).next?.secret ?? "";
  const during = await deliver(id);
  expect(during.status).toBe(200);
  expectBoth(during, old, next);
  botSecret = next;
  expect((await deliver(id)).status).toBe(401);

  await switchSecret(database.db, key, testActor, id, from);
  const after = await deliver(id);
  expect(after.status).toBe(200);
  expectOnly(after, next, old);
});

test("when 24 hours are over by database time the new secret signs alone, with nothing run in between", async () => {
  const { id, secret: old } = await makeChannel();
  await issueSecretWithOverlap(database.db, key, testActor, id);
  const next = (await secretsOf(id)).next?.secret ?? "";
  const passTo = (interval: string) =>
    database.pool.query(
      "update channels set next_secret_from = now() + $2::interval where id = $1",
      [id, interval],
    );
  await passTo("1 minute");
  expectBoth(await deliver(id), old, next);
  await passTo("-1 ms");
  botSecret = next;
  const after = await deliver(id);
  expect(after.status).toBe(200);
  expectOnly(after, next, old);
});

test("cancelled, the old secret signs alone again", async () => {
  const { id, secret: old } = await makeChannel();
  const from = await issueSecretWithOverlap(database.db, key, testActor, id);
  const next = (await secretsOf(id)).next?.secret ?? "";
  await cancelOverlap(database.db, testActor, id, from);
  const after = await deliver(id);
  expect(after.status).toBe(200);
  expectOnly(after, old, next);
});

test("issued at once, the old secret fails with the very next webhook", async () => {
  const { id, secret: old } = await makeChannel();
  expect((await deliver(id)).status).toBe(200);
  await issueSecretAtOnce(database.db, key, testActor, id, null);
  expect((await deliver(id)).status).toBe(401);
  botSecret = (await secretsOf(id)).current;
  const after = await deliver(id);
  expect(after.status).toBe(200);
  expectOnly(after, botSecret, old);
});
