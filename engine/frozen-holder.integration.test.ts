import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type DatabaseProxy, startDatabaseProxy } from "#e2e/servers/database-proxy.ts";
import { acceptEvents, eventually } from "#e2e/servers/delivery-truth.ts";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import { startTruthBotServer, type TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import { commandActor } from "#lib/audit/actor.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";

// An engine whose machine is frozen, or whose network is gone, in the middle of what it does in the database. Others must
// not notice: whatever intake needs is held by no transaction that waits for the frozen one.

let database: Database & { url: string };
/** Waits for locks a little longer than intake does, and not until PostgreSQL ends a transaction whose process is frozen. */
let impatient: Database;
let bot: TruthBotServer;
let proxy: DatabaseProxy;
let engine: EngineProcess | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
  impatient = openDatabase(database.url, { lockMs: 3_000 });
  bot = await startTruthBotServer();
});
beforeEach(async () => {
  proxy = await startDatabaseProxy(database.url);
  await database.pool.query("truncate webhook_queue, ready_channels");
});
afterEach(async () => {
  await engine?.kill();
  engine = undefined;
  await proxy.close();
});
afterAll(async () => {
  await bot.close();
  await impatient.close();
  await database.close();
});

const newChannel = async (): Promise<string> =>
  (await createChannel(database.db, { webhookUrl: bot.url, useWebhook: true })).id;

test.each(["claim_turns", "claim_take", "claim_bodies"])(
  "a worker that is frozen in the middle of a claim, at %s, holds up no intake",
  async (step) => {
    const channelId = await newChannel();
    engine = await startEngineProcess({ databaseUrl: proxy.url, role: "worker" });
    const worker = engine;
    bot.decide = () => 200;
    // It has prepared its statements, whose names are all that is sent from now on.
    await acceptEvents(database, channelId);
    await eventually("it delivers", queueIsEmpty);
    const frozen = proxy.freezeAt(step).then(() => worker.signal("SIGSTOP"));
    await acceptEvents(database, channelId, 3);
    await frozen;
    await acceptEvents(impatient, channelId, 3);
    // Nothing is lost: what it holds comes back when its leases end.
    await engine.kill();
    await proxy.close();
    proxy = await startDatabaseProxy(database.url);
    await database.pool.query(
      "update webhook_queue set lease_until = now() - interval '1 second' where lease is not null",
    );
    await database.pool.query(
      "update ready_channels set due_at = least(due_at, now() - interval '1 second')",
    );
    engine = await startEngineProcess({ databaseUrl: database.url, role: "worker" });
    await eventually("the next worker delivers all of it", queueIsEmpty);
  },
);

test("an API that is frozen in the middle of an intake with keys holds up no other's", async () => {
  const channelId = await newChannel();
  const key = await createPlatformKey(database.db, commandActor("test"), { name: "platform" });
  engine = await startEngineProcess({ databaseUrl: proxy.url, role: "api" });
  const api = engine;
  const post = (idempotencyKey: string) =>
    fetch(`${api.apiUrl}/v1/channels/${channelId}/webhooks`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${key.key}`,
        "content-type": "application/json",
        "idempotency-key": idempotencyKey,
      },
      body: '{"events":[{"type":"follow"}]}',
    });
  expect((await post("first")).status).toBe(202);
  const frozen = proxy.freezeAt("accept_store").then(() => api.signal("SIGSTOP"));
  post("second").catch(() => undefined);
  await frozen;
  const request = { channelId, events: ['{"type":"follow"}'], idempotencyKey: "second" };
  const [accepted] = await acceptWebhooks(impatient.pool, [request]);
  expect(accepted).toMatchObject({ eventCount: 1 });
  expect(await database.db.queuedWebhook.count()).toBe(2);
});

const queueIsEmpty = async (): Promise<boolean> => (await database.db.queuedWebhook.count()) === 0;
