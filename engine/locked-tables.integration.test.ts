import { afterAll, beforeAll, expect, test } from "vitest";
import { acceptEvents, eventually } from "#e2e/servers/delivery-truth.ts";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import { startTruthBotServer, type TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import type { Database } from "#lib/db.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";

let database: Database & { url: string };
let bot: TruthBotServer;
let engine: EngineProcess | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTruthBotServer();
});
afterAll(async () => {
  await engine?.kill();
  await bot.close();
  await database.close();
});

test("a worker delivers from its start on while housekeeping cannot be done", async () => {
  const { id: channelId } = await createChannel(database.db, {
    webhookUrl: bot.url,
    useWebhook: true,
  });
  const holder = await database.pool.connect();
  try {
    // What an operator's session or a backup may hold for hours; idempotency keys have no part in a delivery.
    await holder.query("set idle_in_transaction_session_timeout = 0");
    await holder.query("begin");
    const tables = "webhooks_default, idempotency_keys, clock_readings";
    await holder.query(`lock table ${tables} in access exclusive mode`);
    await holder.query("select pg_advisory_lock(7046202)");
    await acceptEvents(database, channelId, 5);
    engine = await startEngineProcess({ databaseUrl: database.url, role: "worker" });
    await eventually("all are delivered", () => bot.arrivals.length === 5);
    await eventually("all are recorded", async () => {
      return (await database.db.queuedWebhook.count()) === 0;
    });
    const told = () => engine?.log().match(/"chore":"[^"]*"/g) ?? [];
    await eventually("each chore that cannot be done is told", () => told().length === 2);
    expect(told()).toEqual(['"chore":"partitions of webhooks"', '"chore":"old idempotency keys"']);
  } finally {
    holder.release(true);
  }
});
