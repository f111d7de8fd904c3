import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "#e2e/servers/delivery-truth.ts";
import type { Database } from "#lib/db.ts";
import { acceptWebhooks } from "#lib/deliveries/accept.ts";
import { createSender, type Sender } from "#lib/deliveries/sender.ts";
import { openLog } from "#lib/log.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { createChannel, testEncryptionKey } from "#prisma/factories.ts";
import { createTestDatabase } from "#prisma/test-database.ts";
import { createWorker, type Worker } from "./worker.ts";

const slots = 64;

let database: Database;
let sender: Sender;
let worker: Worker;
let bot: Server;
let botUrl: string;
/** Requests that are not answered and whose connection is open. */
const hung = new Set<ServerResponse>();
let hungMost = 0;
/** How many hung when a request to this path came. */
let hungAtArrival = new Map<string, number>();

beforeAll(async () => {
  database = await createTestDatabase();
  sender = createSender({
    policy: createTargetPolicy({ allowTargets: ["127.0.0.0/8"], allowHttp: true }),
  });
  let partlyCount = 0;
  bot = createServer((request, response) => {
    const path = request.url ?? "";
    if (!hungAtArrival.has(path)) hungAtArrival.set(path, hung.size);
    const hangs = path === "/dead" || (path === "/partly" && partlyCount++ % 5 === 0);
    request.resume().on("end", () => {
      if (!hangs) return response.writeHead(200).end();
      hung.add(response);
      hungMost = Math.max(hungMost, hung.size);
      response.on("close", () => hung.delete(response));
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
  hungMost = 0;
  hungAtArrival = new Map();
  worker = createWorker({
    database,
    send: (request) => sender.send(request),
    slots,
    scheduleMs: [600_000],
    notificationWindowMs: 300_000,
    encryptionKey: testEncryptionKey,
    log: openLog("test", "silent"),
  });
});
afterEach(async () => {
  await worker.stop();
  await database.pool.query(
    "truncate webhook_queue, ready_channels, webhooks, webhook_attempts, webhook_errors",
  );
});

async function channelAt(path: string): Promise<string> {
  const { id } = await createChannel(database.db, {
    webhookUrl: botUrl + path,
    useWebhook: true,
    webhookRedelivery: false,
    errorStatisticsAggregation: true,
  });
  return id;
}

const accept = (channelId: string, count: number) =>
  acceptWebhooks(
    database.pool,
    Array.from({ length: count }, () => ({
      channelId,
      events: ['{"type":"follow"}'],
      idempotencyKey: null,
    })),
    new Date(),
  );

test("a channel of which one in five hangs has most of the slots while nobody else wants them", async () => {
  await accept(await channelAt("/partly"), 2_000);
  worker.start();
  await eventually("most of the slots hang", () => hungMost > slots / 2);
});

test("whoever comes while such a channel has all it may have begins before those that hang have ended", async () => {
  const partly = await channelAt("/partly");
  const newcomer = await channelAt("/ok");
  await accept(partly, 5_000);
  worker.start();
  await eventually("most of the slots hang", () => hung.size > slots / 2);
  await accept(newcomer, 1);
  worker.notify();
  await eventually("it has come", () => hungAtArrival.has("/ok"));
  expect(hungAtArrival.get("/ok")).toBeGreaterThan(slots / 4);
});

test("a bot server that answers nothing is left two requests at a time", async () => {
  const dead = await channelAt("/dead");
  await accept(dead, 200);
  worker.start();
  await eventually("its first requests have ended", async () => {
    const { rows } = await database.pool.query("select id from webhooks where channel_id = $1", [
      dead,
    ]);
    return rows.length >= 8;
  });
  await eventually("two hang", () => hung.size > 0);
  hungMost = hung.size;
  await eventually("more have ended", async () => {
    const { rows } = await database.pool.query("select id from webhooks where channel_id = $1", [
      dead,
    ]);
    return rows.length >= 12;
  });
  expect(hungMost).toBe(2);
});
