import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { countedOf, eventually } from "#e2e/servers/delivery-truth.ts";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import { freePort } from "#e2e/servers/free-port.ts";
import { startTruthBotServer, type TruthBotServer } from "#e2e/servers/truth-bot-server.ts";
import { type Database, openDatabase } from "#lib/db.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { migrate } from "#prisma/migrate.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { type DatabasePart, runDatabase } from "./start/database-part.ts";

// A cluster of the test's own, durable as an installation's is, that goes away and comes back under load.

let home: string;
let port: number;
let cluster: DatabasePart;
let database: Database;
let bot: TruthBotServer;
let engine: EngineProcess;
let platformKey: string;

const startCluster = (): Promise<DatabasePart> =>
  runDatabase({
    dataDir: join(home, "data"),
    shelterDir: join(home, "shelter"),
    accountName: "nobody",
    port,
    settings: ["shared_buffers=64MB"],
    say: () => undefined,
    // Long enough to be noticed.
    rule: { pausesMs: [2_000], endsMax: 8, withinMs: 600_000 },
  });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "tocsin-restart-"));
  await chmod(home, 0o711);
  port = await freePort();
  cluster = await startCluster();
  await migrate(cluster.url);
  database = openDatabase(cluster.url);
  platformKey = (await createPlatformKey(database.db, testActor, { name: "test" })).key;
  bot = await startTruthBotServer();
  engine = await startEngineProcess({ databaseUrl: cluster.url, role: "all" });
});
afterEach(() => {
  bot.arrivals.length = 0;
});
afterAll(async () => {
  await engine.kill();
  await bot.close();
  await database.close();
  await cluster.stop();
  await rm(home, { recursive: true, force: true, maxRetries: 10 });
});

let outages = 0;

/** Of what the engine logged, the lines about the database and those that carry an error. */
const toldOfOutages = (): string[] =>
  engine
    .log()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): { msg: string; err?: unknown } => JSON.parse(line))
    .filter(({ msg, err }) => err !== undefined || msg.startsWith("the database"))
    .map(({ msg }) => msg);

/** What happens to it; resolves with how it comes back. */
const ways = {
  "is restarted": async () => {
    await cluster.stop();
    return async () => {
      cluster = await startCluster();
    };
  },
  "is killed": async () => {
    const before = cluster.pid();
    process.kill(before ?? 0, "SIGKILL");
    // By itself.
    return () =>
      eventually("it is started again", () => ![undefined, before].includes(cluster.pid()));
  },
};

/** Clients that post one event after the other, and again with the same key until it is accepted. */
function startLoad(channelId: string, clients: number) {
  const submitted: string[] = [];
  const accepted = new Set<string>();
  const answers = new Map<number, number>();
  let running = true;
  const post = async (eventId: string): Promise<number> => {
    const response = await fetch(`${engine.apiUrl}/v1/channels/${channelId}/webhooks`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${platformKey}`,
        "content-type": "application/json",
        "idempotency-key": eventId,
      },
      body: JSON.stringify({ events: [{ type: "follow", webhookEventId: eventId }] }),
    });
    await response.arrayBuffer();
    return response.status;
  };
  const client = async (): Promise<void> => {
    while (running) {
      const eventId = `01JD${String(submitted.length).padStart(22, "0")}`;
      submitted.push(eventId);
      for (;;) {
        const status = await post(eventId);
        answers.set(status, (answers.get(status) ?? 0) + 1);
        if (status === 202) break;
        await pause(50);
      }
      accepted.add(eventId);
    }
  };
  const done = Promise.all(Array.from({ length: clients }, client));
  return {
    submitted,
    accepted,
    answers,
    stop: async () => {
      running = false;
      await done;
    },
  };
}

test.each(["is restarted", "is killed"] as const)(
  "while PostgreSQL %s intake answers 503; worker and API live on and lose nothing",
  async (way) => {
    const { id: channelId } = await createChannel(database.db, {
      webhookUrl: bot.url,
      useWebhook: true,
      webhookRedelivery: true,
      errorStatisticsAggregation: true,
    });
    let requests = 0;
    bot.decide = () => (++requests % 7 === 0 ? 500 : 200);
    const load = startLoad(channelId, 6);
    await eventually("deliveries flow", () => bot.arrivals.length > 100);

    const comeBack = await ways[way]();
    await eventually("intake refuses", () => (load.answers.get(503) ?? 0) > 20);
    const acceptedBefore = load.accepted.size;
    const arrivedBefore = bot.arrivals.length;
    await comeBack();
    await eventually("intake accepts again", () => load.accepted.size > acceptedBefore + 6);
    await eventually("deliveries flow", () => bot.arrivals.length > arrivedBefore + 20);
    await load.stop();
    await eventually(
      "all is delivered",
      async () => (await database.db.queuedWebhook.count()) === 0,
    );

    // However much failed meanwhile, and whatever part of it: a line when it began, and one when it was over.
    outages += 1;
    const said = ["the database is away", "the database is back"];
    await eventually("it is said", () => toldOfOutages().length >= outages * said.length);
    expect(toldOfOutages()).toEqual(Array.from({ length: outages }, () => said).flat());
    // The same processes: nobody began them again.
    expect(await Promise.race([engine.ended, "alive"])).toBe("alive");
    expect([...load.answers.keys()].sort()).toEqual([202, 503]);
    const delivered = new Set(
      bot.arrivals.filter((one) => one.statusCode === 200).flatMap((one) => one.eventIds),
    );
    expect([...load.accepted].filter((id) => !delivered.has(id))).toEqual([]);
    expect([...delivered].filter((id) => !load.accepted.has(id))).toEqual([]);
    const counted = await countedOf(database, channelId);
    expect(counted.delivered).toBe(load.submitted.length);
    // What took longer than 2 s is an error as well, whatever it was answered.
    const answered = await database.db.webhookError.count({
      where: { channelId, reason: "error_status_code" },
    });
    expect(answered).toBeLessThanOrEqual(Math.floor(requests / 7));
    const known = new Set<string>();
    for (const { eventIds, isRedelivery } of bot.arrivals) {
      const [eventId = ""] = eventIds;
      if (known.has(eventId)) expect([eventId, isRedelivery]).toEqual([eventId, true]);
      known.add(eventId);
    }
  },
);
