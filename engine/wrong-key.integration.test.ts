import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type DatabaseProxy, startDatabaseProxy } from "#e2e/servers/database-proxy.ts";
import { acceptEvents } from "#e2e/servers/delivery-truth.ts";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import { startTruthBotServer, type TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import type { Database } from "#lib/db.ts";
import { keyName } from "#lib/sealing.ts";
import { createChannel, testEncryptionKey } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";

// A part that is started alone, over a database whose secrets are sealed with another key than it was given.

let database: Database & { url: string };
let bot: TruthBotServer;
let proxy: DatabaseProxy;
let engine: EngineProcess | undefined;
beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTruthBotServer();
  proxy = await startDatabaseProxy(database.url);
  const { id } = await createChannel(database.db, { webhookUrl: bot.url, useWebhook: true });
  await acceptEvents(database, id);
});
afterEach(async () => {
  await engine?.kill();
  engine = undefined;
});
afterAll(async () => {
  await proxy.close();
  await bot.close();
  await database.close();
});

const words = new RegExp(
  `open with the ENCRYPTION_KEY named ${keyName(testEncryptionKey)}, and the one given is named`,
);
const wrongKey = { ENCRYPTION_KEY: "08".repeat(32) };

test.each(["api", "worker", "all"] as const)(
  "an engine of role %s with a key that opens nothing is refused in words, and sends nothing",
  async (role) => {
    const starting = startEngineProcess({ databaseUrl: database.url, role, env: wrongKey });
    await expect(starting).rejects.toThrow(words);
    expect(bot.arrivals).toEqual([]);
  },
);

test("an engine that starts while its database is away ends in words once that says that the key is wrong", async () => {
  proxy.cut();
  engine = await startEngineProcess({ databaseUrl: proxy.url, role: "worker", env: wrongKey });
  engine.expectEnd();
  proxy.mend();
  expect(await engine.ended).toBe(1);
  expect(engine.log()).toMatch(words);
  expect(bot.arrivals).toEqual([]);
});

test("with the right key it starts while its database is away, and delivers once that answers", async () => {
  proxy.cut();
  engine = await startEngineProcess({ databaseUrl: proxy.url, role: "worker" });
  proxy.mend();
  await expect.poll(() => bot.arrivals.length, { timeout: 60_000 }).toBe(1);
});
