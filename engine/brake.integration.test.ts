import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { acceptEvents, eventually } from "#e2e/servers/delivery-truth.ts";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import { findCancellation } from "#lib/cancellations/find.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import type { Database } from "#lib/db.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";

let database: Database & { url: string };
let bot: Server;
let engine: EngineProcess | undefined;
let requests = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  bot = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      requests += 1;
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((settle) => bot.listen(0, "127.0.0.1", settle));
});
afterEach(() => engine?.kill());
afterAll(async () => {
  bot.closeAllConnections();
  await new Promise((settle) => bot.close(settle));
  await database.close();
});

async function startWorker(): Promise<EngineProcess> {
  const env = { LOG_LEVEL: "silent" };
  engine = await startEngineProcess({ databaseUrl: database.url, role: "worker", env });
  return engine;
}

const countBy = async (channelId: string): Promise<Record<string, number>> => {
  const where = { channelId };
  const rows = await database.db.webhook.groupBy({ by: ["state"], where, _count: true });
  const waiting = await database.db.queuedWebhook.count({ where });
  return {
    ...Object.fromEntries(rows.map((row) => [row.state, row._count])),
    ...(waiting === 0 ? {} : { waiting }),
  };
};

test("off and on again with 40,000 waiting: a worker that dies in between is followed by one that ends the rest, and only what is new is sent", async () => {
  const { port } = bot.address() as AddressInfo;
  const { id } = await createChannel(database.db, {
    webhookUrl: `http://127.0.0.1:${port}/webhook`,
    useWebhook: true,
    webhookRedelivery: true,
  });
  await acceptEvents(database, id, 2_000);
  await database.pool.query(
    `insert into webhook_queue (id, channel_id, lane, due_at, attempt, failures, event_count, body)
     select id, $1, 1, now() - interval '1 s', 1, 1, 1, '{"events":[]}' from unnest($2::uuid[]) as id`,
    [id, Array.from({ length: 38_000 }, () => newWebhookId(new Date()))],
  );
  await database.pool.query(
    "insert into ready_channels (lane, channel_id, due_at) values (1, $1, now() - interval '1 s')",
    [id],
  );
  await turnSwitch(database.db, testActor, id, "useWebhook", false);
  await turnSwitch(database.db, testActor, id, "useWebhook", true);
  const worker = await startWorker();
  await eventually("some have ended", async () => {
    const progress = await findCancellation(database.db, id);
    return progress === null || progress.endedCount > 100;
  });
  await worker.kill();
  await acceptEvents(database, id, 10);
  await startWorker();
  await eventually("nothing waits", async () => (await countBy(id)).waiting === undefined);
  expect(await countBy(id)).toEqual({ delivered: 10, not_sent: 2_000, cancelled: 38_000 });
  expect(requests).toBe(10);
});
