import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "#e2e/servers/delivery-truth.ts";
import type { Database } from "#lib/db.ts";
import { openLog } from "#lib/log.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { createSender, type Sender } from "#lib/transport/sender.ts";
import { lineSignature } from "#lib/webhooks/signature.ts";
import { createChannel, testEncryptionKey } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { createWorker, type Worker } from "./worker.ts";

type Received = { signature: string; body: string; url: string };

let database: Database;
let sender: Sender;
let worker: Worker;
let bot: Server;
let botUrl: string;
let received: Received[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

const open = (): Worker =>
  createWorker({
    database,
    send: (request) => sender.send(request),
    slots: 64,
    scheduleMs: [50, 50],
    notificationWindowMs: 300_000,
    encryptionKey: testEncryptionKey,
    log: openLog("test", "silent"),
  });

beforeAll(async () => {
  database = await createTestDatabase();
  sender = createSender({
    policy: createTargetPolicy({ allowTargets: ["127.0.0.0/8"], allowHttp: true }),
  });
  bot = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({
        signature: String(request.headers["x-line-signature"]),
        body: Buffer.concat(chunks).toString(),
        url: request.url ?? "",
      });
      answer(request, response);
    });
  });
  await new Promise<void>((settle) => bot.listen(0, "127.0.0.1", settle));
  botUrl = `http://127.0.0.1:${(bot.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await sender.close();
  bot.closeAllConnections();
  await new Promise((settle) => bot.close(settle));
  await database.close();
});
beforeEach(() => {
  received = [];
  answer = (_request, response) => response.writeHead(200).end();
  worker = open();
});
afterEach(async () => {
  await worker.stop();
  await database.pool.query(
    "truncate webhook_queue, ready_channels, webhooks, webhook_attempts, webhook_errors",
  );
});

const on = () => ({
  webhookUrl: `${botUrl}/webhook`,
  useWebhook: true,
  webhookRedelivery: true,
  errorStatisticsAggregation: true,
});

const accept = (channelId: string, count = 1, event = '{"type":"follow"}') =>
  acceptWebhooks(
    database.pool,
    Array.from({ length: count }, () => ({
      channelId,
      events: [event],
      idempotencyKey: null,
    })),
  );

const logged = async (channelId: string): Promise<{ state: string; attempts: number }[]> =>
  (
    await database.pool.query("select state, attempts from webhooks where channel_id = $1", [
      channelId,
    ])
  ).rows;

test("each webhook arrives once, signed with the secret of its channel, and is logged as delivered", async () => {
  const channels = await Promise.all([1, 2, 3].map(() => createChannel(database.db, on())));
  for (const channel of channels) await accept(channel.id, 100);
  worker.start();
  await eventually("all are logged", async () => {
    const counts = await Promise.all(channels.map(({ id }) => logged(id)));
    return counts.flat().length === 300;
  });
  // A machine that stands still for 2 s makes a redelivery of an answer: then a second copy comes, and says so.
  const firsts = received.filter(({ body }) => body.includes('"isRedelivery":false'));
  expect(firsts).toHaveLength(300);
  const secretOf = new Map(channels.map((channel) => [channel.botUserId, channel.secret]));
  for (const one of received) {
    const secret = secretOf.get(JSON.parse(one.body).destination) ?? "";
    expect(one.signature).toBe(lineSignature(secret, Buffer.from(one.body)));
  }
});

test("a bot server that fails is tried again with isRedelivery, and its recovery ends as delivered", async () => {
  let answers = 0;
  answer = (_request, response) => {
    answers += 1;
    response.writeHead(answers === 1 ? 500 : 200).end("sorry");
  };
  const channel = await createChannel(database.db, on());
  const event =
    '{"type" : "x", "2":-0, "1":[1e400, 12345678901234567890], "s":"\\ud800\\/é", "s":1}';
  await accept(channel.id, 1, event);
  worker.start();
  await eventually("it is delivered", async () => (await logged(channel.id)).length === 1);
  expect(await logged(channel.id)).toEqual([{ state: "delivered", attempts: 2 }]);
  const [first = "", second = ""] = received.map(({ body }) => body);
  expect(first).toContain(`"events":[${event.slice(0, -1)},`);
  expect(first).toContain('"deliveryContext":{"isRedelivery":false}');
  expect(second).toBe(first.replace('"isRedelivery":false', '"isRedelivery":true'));
  for (const { body, signature } of received) {
    expect(signature).toBe(lineSignature(channel.secret, Buffer.from(body)));
  }
  const [error] = await database.db.webhookError.findMany({ where: { channelId: channel.id } });
  expect(error).toMatchObject({
    reason: "error_status_code",
    detail: "500",
    statusCode: 500,
    attempt: 1,
  });
  const [attempt] = await database.db.webhookAttempt.findMany({
    where: { channelId: channel.id, attempt: 1 },
  });
  expect(Buffer.from(attempt?.responseBody ?? []).toString()).toBe("sorry");
});

test("a bot server that keeps failing ends as stopped after the schedule, each attempt counted once", async () => {
  answer = (_request, response) => response.writeHead(503).end();
  const channel = await createChannel(database.db, on());
  await accept(channel.id, 20);
  worker.start();
  await eventually("all are stopped", async () => (await logged(channel.id)).length === 20);
  expect(received).toHaveLength(60);
  expect(await database.db.webhookError.count({ where: { channelId: channel.id } })).toBe(60);
  const rows = await database.db.errorRow.findMany({ where: { channelId: channel.id } });
  expect(rows.reduce((sum, row) => sum + row.errorCount, 0)).toBe(60);
  expect(rows.reduce((sum, row) => sum + row.firstAttemptCount, 0)).toBe(20);
});

test("a bot server that cannot be reached is recorded as could_not_connect", async () => {
  const channel = await createChannel(database.db, {
    ...on(),
    webhookUrl: "http://127.0.0.1:1/webhook",
    webhookRedelivery: false,
  });
  await accept(channel.id);
  worker.start();
  await eventually("it is logged", async () => (await logged(channel.id)).length === 1);
  const [error] = await database.db.webhookError.findMany({ where: { channelId: channel.id } });
  expect(error).toMatchObject({
    reason: "could_not_connect",
    detail: "Connection failed",
    statusCode: null,
  });
});

test("a secret that does not open ends its webhook with the truth for operators, and the lane goes on", async () => {
  const poisoned = await createChannel(database.db, { ...on(), webhookRedelivery: false });
  await database.db.channel.update({
    where: { id: poisoned.id },
    data: { sealedSecret: "v1.x.y.z" },
  });
  const healthy = await createChannel(database.db, on());
  await accept(poisoned.id);
  await accept(healthy.id);
  worker.start();
  await eventually(
    "both are logged",
    async () => (await logged(healthy.id)).length + (await logged(poisoned.id)).length === 2,
  );
  expect(await logged(healthy.id)).toEqual([{ state: "delivered", attempts: 1 }]);
  const [attempt] = await database.db.webhookAttempt.findMany({
    where: { channelId: poisoned.id },
  });
  expect(attempt?.note).toMatch(/cannot be decrypted/);
});

test("stopping in the middle of the work loses nothing: a new worker delivers the rest, each webhook once", async () => {
  answer = (_request, response) => setTimeout(() => response.writeHead(200).end(), 5);
  const channel = await createChannel(database.db, on());
  await accept(channel.id, 400);
  worker.start();
  await eventually("some have arrived", () => received.length > 50);
  await worker.stop();
  const first = received.length;
  expect(await logged(channel.id)).toHaveLength(first);
  worker = open();
  worker.start();
  await eventually("all are logged", async () => (await logged(channel.id)).length === 400);
  expect(received).toHaveLength(400);
});
