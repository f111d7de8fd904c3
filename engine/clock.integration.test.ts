import { afterAll, beforeAll, expect, test } from "vitest";
import { acceptEvents, countedOf, eventually } from "#e2e/servers/delivery-truth.ts";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import { startTruthBotServer, type TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import type { Database } from "#lib/db.ts";
import { createChannel } from "#prisma/factories.ts";
import { createTestDatabase } from "#prisma/test-database.ts";

const hourMs = 3_600_000;
const gapMs = 2_000;

let database: Database & { url: string };
let bot: TruthBotServer;
const engines: EngineProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTruthBotServer();
});
afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.kill()));
  await bot.close();
  await database.close();
});

/** A worker on a machine whose wall clock is wrong; its monotonic clock runs on, as a real one does. */
async function startWorker(shiftMs: number): Promise<void> {
  const shift = `const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...given) { given.length === 0 ? super(Real.now() + ${shiftMs}) : super(...given); }
      static now() { return Real.now() + ${shiftMs}; }
    };`;
  const engine = await startEngineProcess({
    databaseUrl: database.url,
    role: "worker",
    env: {
      REDELIVERY_SCHEDULE: `${gapMs}ms, ${gapMs}ms`,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shift)}`,
    },
  });
  engines.push(engine);
}

/** Which of the two clocks wrote failed attempts: true is the one ahead. */
async function clocksSeen(): Promise<Set<boolean>> {
  const attempts = await database.db.webhookAttempt.findMany({ select: { startedAt: true } });
  return new Set(attempts.map((one) => one.startedAt.getTime() > Date.now()));
}

test("with one clock an hour ahead and one an hour behind nothing is sent early, late or twice", async () => {
  const { id: channelId } = await createChannel(database.db, {
    webhookUrl: bot.url,
    useWebhook: true,
    webhookRedelivery: true,
    errorStatisticsAggregation: true,
  });
  bot.decide = (arrival) => (arrival.isRedelivery ? 200 : 500);
  await Promise.all([startWorker(hourMs), startWorker(-hourMs)]);
  let accepted = 0;
  // One quick worker could take everything that comes at once, and then this would show nothing.
  await eventually("both clocks have been at work", async () => {
    await acceptEvents(database, channelId, 8);
    accepted += 8;
    return accepted >= 80 && (await clocksSeen()).size === 2;
  });
  await eventually("all are finished", async () => {
    return (await database.db.queuedWebhook.count()) === 0;
  });

  const gaps = new Map<string, number[]>();
  for (const { webhookId, at } of bot.arrivals) {
    gaps.set(webhookId, [...(gaps.get(webhookId) ?? []), at]);
  }
  expect(gaps.size).toBe(accepted);
  for (const [webhookId, [first = 0, second = 0, ...more]] of gaps) {
    expect([webhookId, more]).toEqual([webhookId, []]);
    // The schedule's jitter may shorten a gap by a fifth.
    expect(second - first).toBeGreaterThan(gapMs * 0.8);
  }
  const { log, errors, delivered } = await countedOf(database, channelId);
  expect([errors, delivered]).toEqual([accepted, accepted]);
  expect(new Set(log.map((one) => one.attempts))).toEqual(new Set([2]));
});

test("what one worker holds is not taken over because another's clock says that its lease has ended", async () => {
  const { id: channelId } = await createChannel(database.db, {
    webhookUrl: bot.url,
    useWebhook: true,
  });
  bot.arrivals.length = 0;
  bot.decide = () => null;
  await acceptEvents(database, channelId, 20);
  await eventually("all are on the wire", () => bot.arrivals.length === 20);
  // The claims alone read this table, and nobody here does.
  const looked = async (): Promise<number> => {
    const { rows } = await database.pool.query<{ count: string }>(
      "select seq_scan + coalesce(idx_scan, 0) as count from pg_stat_user_tables where relname = 'ready_channels'",
    );
    return Number(rows[0]?.count);
  };
  const before = await looked();
  await eventually("the workers have looked for work again", async () => {
    return (await looked()) > before + 20;
  });
  expect(bot.arrivals.length).toBe(20);
  for (const arrival of bot.arrivals) arrival.answer(200);
  await eventually("all are finished", async () => {
    return (await database.db.queuedWebhook.count()) === 0;
  });
});
