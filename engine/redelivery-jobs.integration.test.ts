import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { acceptEvents, endLeases, eventually } from "#e2e/servers/delivery-truth.ts";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import { startTruthBotServer, type TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import type { Database } from "#lib/db.ts";
import { startRedeliveryJob } from "#lib/redeliveries/jobs.ts";
import { testActor as actor, createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";

let database: Database & { url: string };
let bot: TruthBotServer;
const engines: EngineProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTruthBotServer();
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.kill()));
  bot.arrivals.length = 0;
});
afterAll(async () => {
  await bot.close();
  await database.close();
});

async function startWorker(): Promise<EngineProcess> {
  const engine = await startEngineProcess({ databaseUrl: database.url, role: "worker" });
  engines.push(engine);
  return engine;
}

/** A channel with webhooks that failed for good, and the ids of those. */
async function createFailed(count: number): Promise<{ channelId: string; ids: string[] }> {
  const { id: channelId } = await createChannel(database.db, {
    webhookUrl: bot.url,
    useWebhook: true,
    errorStatisticsAggregation: true,
  });
  bot.decide = () => 500;
  const ids = await acceptEvents(database, channelId, count);
  await eventually("all have failed", async () => {
    return (await database.db.webhook.count({ where: { channelId, state: "failed" } })) === count;
  });
  bot.arrivals.length = 0;
  bot.decide = () => 200;
  return { channelId, ids };
}

const startJob = (channelId: string, ratePerSecond = 200) =>
  startRedeliveryJob(database.db, actor, {
    question: {
      channelId,
      from: new Date(Date.now() - 3_600_000),
      to: new Date(Date.now() + 60_000),
      states: ["failed"],
      eventType: null,
      eventId: null,
      doubtful: false,
    },
    ratePerSecond,
    expectedCount: null,
  });

const jobOf = (id: string) => database.db.redeliveryJob.findUniqueOrThrow({ where: { id } });

test("a job outlives the workers that are killed in the middle of it: every webhook is redelivered, and queued once", async () => {
  const [first, second] = [await startWorker(), await startWorker()];
  await startWorker();
  const { channelId, ids } = await createFailed(200);
  // At these moments more is left than a job has under way at a time, so that it cannot be over yet.
  const deaths: Promise<void>[] = [];
  bot.decide = () => {
    if (bot.arrivals.length === 40) deaths.push(first.kill());
    if (bot.arrivals.length === 100) deaths.push(second.kill());
    return 200;
  };
  const { jobId } = await startJob(channelId);
  await eventually("two workers are killed", () => deaths.length === 2);
  await Promise.all(deaths);
  // What they had in hand comes back as time would bring it.
  await endLeases(database);
  await eventually("the job is done and the queue empty", async () => {
    const { state } = await jobOf(jobId);
    return state === "done" && (await database.db.queuedWebhook.count()) === 0;
  });
  expect(await jobOf(jobId)).toMatchObject({
    matchedCount: 200,
    redeliveredCount: 200,
    waitingCount: 0,
    takenCount: 0,
  });
  const log = await database.db.webhook.findMany({
    where: { channelId },
    select: { id: true, state: true },
    orderBy: { id: "asc" },
  });
  expect(log).toEqual(ids.map((id) => ({ id, state: "delivered" })));
  expect(new Set(bot.arrivals.map((one) => one.webhookId))).toEqual(new Set(ids));
  expect(bot.arrivals.every((one) => one.isRedelivery)).toBe(true);
});

test("turning Use webhook off in the middle of a job stops it, and what is left stays as it was", async () => {
  await startWorker();
  const { channelId } = await createFailed(150);
  // So slowly that it is far from its end for as long as this could take.
  const { jobId } = await startJob(channelId, 10);
  await eventually("some have come", () => bot.arrivals.length > 0);
  await turnSwitch(database.db, actor, channelId, "useWebhook", false);
  await eventually("the job has stopped", async () => (await jobOf(jobId)).state === "stopped");
  await eventually("nothing waits", async () => (await database.db.queuedWebhook.count()) === 0);
  const { redeliveredCount, stopReason } = await jobOf(jobId);
  const left = await database.db.webhook.count({ where: { channelId, state: "failed" } });
  expect(stopReason).toBe("webhook_off");
  expect(left).toBe(150 - redeliveredCount);
  expect(await database.db.webhook.count({ where: { channelId } })).toBe(150);
});
