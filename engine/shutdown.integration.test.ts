import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { acceptEvents, countedOf, endLeases, eventually } from "#e2e/servers/delivery-truth.ts";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import { startTruthBotServer, type TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import type { Database } from "#lib/db.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";

let database: Database & { url: string };
let bot: TruthBotServer;
const engines: EngineProcess[] = [];
/** Locks to let go of, whatever comes of a test. */
const held = new Set<() => Promise<void>>();

beforeAll(async () => {
  database = await createTestDatabase();
  bot = await startTruthBotServer();
});
afterEach(async () => {
  for (const release of held) await release();
  await Promise.all(engines.splice(0).map((engine) => engine.kill()));
  bot.arrivals.length = 0;
  await database.pool.query("truncate webhook_queue, ready_channels");
});
afterAll(async () => {
  await bot.close();
  await database.close();
});

async function start(role: "worker" | "all" = "worker", slots = 4): Promise<EngineProcess> {
  const env = { SLOTS: String(slots) };
  const engine = await startEngineProcess({ databaseUrl: database.url, role, env });
  engines.push(engine);
  return engine;
}

const newChannel = async (): Promise<string> =>
  (
    await createChannel(database.db, {
      webhookUrl: bot.url,
      useWebhook: true,
      webhookRedelivery: true,
      errorStatisticsAggregation: true,
    })
  ).id;

const leased = (): Promise<number> =>
  database.db.queuedWebhook.count({ where: { lease: { not: null } } });

/** As many as one claim of an engine with four slots takes: four are begun at once, one waits in its hand. */
const inOneClaim = 5;
const begunAtOnce = 4;

/**
 * The engine is told to stop at the moment when the fourth webhook is on the wire, held by the bot server: it waits no
 * longer than 2 s for an answer, so there is no time to look first.
 */
function stopWhenBusy(engine: EngineProcess): void {
  bot.decide = () => {
    if (bot.arrivals.length === begunAtOnce) engine.signal("SIGTERM");
    return null;
  };
}

test("SIGTERM gives back what has not begun, as if never claimed, and finishes what has", async () => {
  const channelId = await newChannel();
  const engine = await start();
  stopWhenBusy(engine);
  await acceptEvents(database, channelId, inOneClaim);
  await eventually("only what is on the wire is still in hand", async () => {
    return bot.arrivals.length === begunAtOnce && (await leased()) === begunAtOnce;
  });
  for (const arrival of bot.arrivals) arrival.answer(200);
  expect(await engine.ended).toBe("SIGTERM");
  expect(await leased()).toBe(0);
  expect(await countedOf(database, channelId)).toMatchObject({
    errors: 0,
    delivered: begunAtOnce,
  });

  bot.decide = () => 200;
  await start();
  await eventually("the rest is delivered", async () => {
    return (await database.db.queuedWebhook.count()) === 0;
  });
  expect(bot.arrivals.map((one) => one.isRedelivery)).toEqual(Array(inOneClaim).fill(false));
  expect((await countedOf(database, channelId)).delivered).toBe(inOneClaim);
});

test("a client that holds a request to the API open does not keep the worker from giving back", async () => {
  const engine = await start("all");
  const { key } = await createPlatformKey(database.db, testActor, { name: "test" });
  const slow = connect(Number(new URL(engine.apiUrl).port), "127.0.0.1");
  slow.on("error", () => undefined);
  slow.write(
    `POST /v1/webhooks HTTP/1.1\r\nhost: tocsin\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n`,
  );
  const [said] = await once(slow, "data");
  expect(String(said)).toContain("100 Continue");
  stopWhenBusy(engine);
  await acceptEvents(database, await newChannel(), inOneClaim);
  await eventually("it stops", () => engine.log().includes("stopping"));
  for (const arrival of bot.arrivals) arrival.answer(200);
  await eventually("nothing is in hand", async () => (await leased()) === 0);
  expect(bot.arrivals.length).toBe(begunAtOnce);
  slow.destroy();
  expect(await engine.ended).toBe("SIGTERM");
});

/** Keeps every outcome from being written until the returned function is called. */
async function blockRecording(): Promise<() => Promise<void>> {
  const client = await database.pool.connect();
  await client.query("begin");
  await client.query("lock table webhooks in share mode");
  const release = async (): Promise<void> => {
    if (!held.delete(release)) return;
    await client.query("rollback");
    client.release();
  };
  held.add(release);
  return release;
}

const recordingWaits = async (): Promise<boolean> =>
  (
    await database.pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
          and application_name like 'tocsin engine%' and query like 'with ended as%'`,
    )
  ).rowCount !== 0;

test("a second signal ends the engine at once, and nothing is lost", async () => {
  const channelId = await newChannel();
  bot.decide = () => 200;
  const engine = await start();
  const release = await blockRecording();
  await acceptEvents(database, channelId);
  await eventually("an outcome waits to be written", recordingWaits);
  engine.signal("SIGTERM");
  await eventually("no more can be claimed", () => engine.log().includes("stopping"));
  engine.signal("SIGTERM");
  // The deadline would end it by SIGKILL.
  expect(await engine.ended).toBe("SIGTERM");
  await release();
  await eventually("the outcome came through, or the next worker sends it", async () => {
    await endLeases(database);
    if (engines.length === 1) await start();
    return (await database.db.queuedWebhook.count()) === 0;
  });
  expect((await countedOf(database, channelId)).delivered).toBe(1);
});

test("what cannot be finished is left to its lease at the deadline", async () => {
  const channelId = await newChannel();
  bot.decide = () => 200;
  const engine = await start();
  const release = await blockRecording();
  await acceptEvents(database, channelId);
  await eventually("an outcome waits to be written", recordingWaits);
  engine.signal("SIGTERM");
  expect(await engine.ended).toBe("SIGKILL");
  await release();
  await endLeases(database);
  await start();
  await eventually("it is delivered", async () => {
    return (await database.db.queuedWebhook.count()) === 0;
  });
  expect((await countedOf(database, channelId)).delivered).toBe(1);
});
