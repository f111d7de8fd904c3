import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "#e2e/servers/delivery-truth.ts";
import type { Database } from "#lib/db.ts";
import { openLog } from "#lib/log.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { createSender, type Sender } from "#lib/transport/sender.ts";
import { createChannel, testEncryptionKey } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { createWorker, type Worker } from "./worker.ts";

const slots = 64;

let database: Database;
let sender: Sender;
let worker: Worker;
let bot: Server;
let botUrl: string;
/** Requests on the wire, as the worker has them; those that are answered pass in no time. */
let onWire = 0;
let mostOnWire = 0;
let begun = 0;
/** How many there were when the first one to this path began. */
let onWireBefore = new Map<string, number>();

beforeAll(async () => {
  database = await createTestDatabase();
  sender = createSender({
    policy: createTargetPolicy({ allowTargets: ["127.0.0.0/8"], allowHttp: true }),
  });
  let partlyCount = 0;
  bot = createServer((request, response) => {
    const hangs = request.url === "/dead" || (request.url === "/partly" && partlyCount++ % 5 === 0);
    request.resume().on("end", () => {
      if (!hangs) response.writeHead(200).end();
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
  mostOnWire = 0;
  begun = 0;
  onWireBefore = new Map();
  worker = createWorker({
    database,
    send: async (request) => {
      const { pathname } = new URL(request.url);
      if (!onWireBefore.has(pathname)) onWireBefore.set(pathname, onWire);
      begun += 1;
      onWire += 1;
      mostOnWire = Math.max(mostOnWire, onWire);
      try {
        return await sender.send(request);
      } finally {
        onWire -= 1;
      }
    },
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
  );

test("a channel of which one in five hangs has most of the slots while nobody else wants them", async () => {
  await accept(await channelAt("/partly"), 2_000);
  worker.start();
  await eventually("most of the slots are in use", () => onWire > slots / 2);
});

test("whoever comes while such a channel has all it may have finds a place beside it", async () => {
  const partly = await channelAt("/partly");
  const newcomer = await channelAt("/ok");
  await accept(partly, 5_000);
  worker.start();
  await eventually("twice as many as there are slots have hung", () => begun > slots * 10);
  await eventually("it has nearly all slots", () => onWire > slots * 0.75);
  expect(mostOnWire).toBeLessThanOrEqual(slots - slots / 8);
  await accept(newcomer, 1);
  worker.notify();
  await eventually("it has begun", () => onWireBefore.has("/ok"));
  expect(onWireBefore.get("/ok")).toBeGreaterThan(slots / 4);
});

test("a bot server that answers nothing is left two requests at a time", async () => {
  const dead = await channelAt("/dead");
  await accept(dead, 200);
  const ended = async (): Promise<number> =>
    (await database.pool.query("select id from webhooks where channel_id = $1", [dead])).rows
      .length;
  worker.start();
  await eventually("all that it began with have ended", async () => (await ended()) >= 8);
  mostOnWire = 0;
  await eventually("more have ended", async () => (await ended()) >= 12);
  expect(mostOnWire).toBe(2);
});
