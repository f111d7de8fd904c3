import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { acceptEvents, countedOf, eventually } from "#e2e/servers/delivery-truth.ts";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import { startTruthBotServer, type TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import type { Database } from "#lib/db.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";

// Two engine processes over one database; one is stopped for longer than its leases last, then goes on.

let database: Database & { url: string };
let bot: TruthBotServer;
const engines: EngineProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTruthBotServer();
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.kill()));
});
afterAll(async () => {
  await bot.close();
  await database.close();
});

/** As many as one claim of a worker with four slots takes: four are begun at once, one waits in its hand. */
const inOneClaim = 5;
const begunAtOnce = 4;

async function startWorker(slots: number): Promise<EngineProcess> {
  const engine = await startEngineProcess({
    databaseUrl: database.url,
    role: "worker",
    env: { SLOTS: String(slots) },
  });
  engines.push(engine);
  return engine;
}

test.each([200, 500])(
  "a worker paused beyond its lease, answered %s meanwhile, neither finishes nor counts what another holds",
  async (answer) => {
    const { id: channelId } = await createChannel(database.db, {
      webhookUrl: bot.url,
      useWebhook: true,
      webhookRedelivery: true,
      errorStatisticsAggregation: true,
    });
    bot.arrivals.length = 0;
    const paused = await startWorker(4);
    // At the moment when its slots are full: it waits no longer than 2 s for an answer.
    bot.decide = () => {
      if (bot.arrivals.length === begunAtOnce) paused.signal("SIGSTOP");
      return null;
    };
    await acceptEvents(database, channelId, inOneClaim);
    await eventually("its slots are full", () => bot.arrivals.length === begunAtOnce);
    const lost = await database.db.queuedWebhook.count({ where: { lease: { not: null } } });
    expect(lost).toBe(inOneClaim);
    for (const arrival of bot.arrivals) arrival.answer(answer);

    const other = await startWorker(16);
    // It stops too, so that it holds them as long as this takes.
    bot.decide = () => {
      if (bot.arrivals.length === begunAtOnce + inOneClaim) other.signal("SIGSTOP");
      return null;
    };
    await eventually("the other has taken all of them over", () => {
      return bot.arrivals.length === begunAtOnce + inOneClaim;
    });
    await database.pool.query(
      "update webhook_queue set lease_until = now() + interval '1 hour' where lease is not null",
    );
    const taken = await database.db.queuedWebhook.findMany({ orderBy: { id: "asc" } });
    expect(taken.map((one) => one.lease !== null)).toEqual(Array(inOneClaim).fill(true));

    // Both have them now. The first reads its answers and wants to record them, and finds that it may not.
    paused.signal("SIGCONT");
    await eventually("it was refused", () => paused.log().includes("ended after their lease"));
    expect(await database.db.queuedWebhook.findMany({ orderBy: { id: "asc" } })).toEqual(taken);
    expect(await countedOf(database, channelId)).toEqual({ log: [], errors: 0, delivered: 0 });

    bot.decide = () => 200;
    for (const arrival of bot.arrivals) arrival.answer(200);
    other.signal("SIGCONT");
    await eventually(
      "all are finished",
      async () => (await database.db.queuedWebhook.count()) === 0,
    );
    expect((await countedOf(database, channelId)).delivered).toBe(inOneClaim);
    const known = new Set<string>();
    for (const { webhookId, isRedelivery } of bot.arrivals) {
      if (known.has(webhookId)) expect([webhookId, isRedelivery]).toEqual([webhookId, true]);
      known.add(webhookId);
    }
  },
);
