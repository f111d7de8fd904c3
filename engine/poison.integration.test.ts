import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { acceptEvents, countedOf, endLeases, eventually } from "#e2e/servers/delivery-truth.ts";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import { startTruthBotServer, type TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import type { Database } from "#lib/db.ts";
import { unrecordedMax } from "#lib/queue/claim.ts";
import { listSetAside } from "#lib/queue/list-set-aside.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";

let database: Database & { url: string };
let bot: TruthBotServer;
let engine: EngineProcess;
let channelId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTruthBotServer();
});
beforeEach(async () => {
  bot.arrivals.length = 0;
  const channel = await createChannel(database.db, {
    webhookUrl: bot.url,
    useWebhook: true,
    webhookRedelivery: true,
    errorStatisticsAggregation: true,
  });
  channelId = channel.id;
  engine = await startEngineProcess({ databaseUrl: database.url, role: "all" });
});
afterEach(() => engine.kill());
afterAll(async () => {
  await bot.close();
  await database.close();
});

const setAside = async () => (await listSetAside(database.db)).webhooks;

test("a webhook that kills every worker that touches it ends up aside; its neighbours are delivered", async () => {
  const [deadly = "", ...neighbours] = await acceptEvents(database, channelId, 30);
  let deaths = 0;
  // What a native crash or an exhausted heap would do: the process is gone while it handles this one.
  bot.decide = ({ webhookId }) => {
    if (webhookId !== deadly) return 200;
    deaths += 1;
    void engine.kill();
    return null;
  };
  await eventually("nothing is left in the queue", async () => {
    if ((await Promise.race([engine.ended, "alive"])) !== "alive") {
      await endLeases(database);
      engine = await startEngineProcess({ databaseUrl: database.url, role: "all" });
    }
    return (await database.db.queuedWebhook.count()) === 0;
  });
  expect(deaths).toBe(unrecordedMax);
  expect((await setAside()).map((one) => one.id)).toEqual([deadly]);
  expect((await countedOf(database, channelId)).delivered).toBe(neighbours.length);
  expect(await (await fetch(`${engine.apiUrl}/metrics`)).text()).toContain(
    "tocsin_webhooks_set_aside 1\n",
  );
});

test("a webhook whose outcome the database refuses ends up aside with what it said; its neighbours are recorded", async () => {
  bot.decide = () => 200;
  const [refused = ""] = await acceptEvents(database, channelId);
  await database.pool.query(`
    create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'numeric field overflow' using errcode = '22003'; end $$;
    create trigger refuse before insert on webhooks for each row when (new.id = '${refused}')
      execute function refuse()`);
  await acceptEvents(database, channelId, 50);
  await eventually("the neighbours are recorded", async () => {
    return (await database.db.webhook.count({ where: { channelId } })) === 50;
  });
  await eventually("the queue is empty", async () => {
    // Only when it was given up: before that its worker still tries to write.
    const [row] = await database.db.queuedWebhook.findMany({ select: { defect: true } });
    if (row === undefined) return true;
    if (row.defect !== null) {
      await database.pool.query(
        "update webhook_queue set defect = null where unrecorded_count < $1",
        [unrecordedMax],
      );
      await endLeases(database);
    }
    return false;
  });
  const [aside] = (await setAside()).filter((one) => one.id === refused);
  expect(aside).toMatchObject({
    unrecordedCount: unrecordedMax,
    defect: "error: numeric field overflow",
  });
  expect((await countedOf(database, channelId)).delivered).toBe(50);
  expect(bot.arrivals.filter((one) => one.webhookId === refused)).toHaveLength(unrecordedMax);
});
