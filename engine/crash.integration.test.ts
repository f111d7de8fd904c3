import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { eventually } from "#e2e/servers/delivery-truth.ts";
import { type EngineProcess, startEngineProcess } from "#e2e/servers/engine-process.ts";
import type { Database } from "#lib/db.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { createChannel, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";

type Arrival = { eventId: string; isRedelivery: boolean; answeredOk: boolean };

let database: Database & { url: string };
let bot: Server;
let botUrl: string;
let platformKey: string;
let engine: EngineProcess | undefined;
const arrivals: Arrival[] = [];
let requests = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  platformKey = (await createPlatformKey(database.db, testActor, { name: "test" })).key;
  // Every seventh request fails, each takes a moment: there is always something in hand when the engine dies.
  bot = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      requests += 1;
      const answeredOk = requests % 7 !== 0;
      const [event] = JSON.parse(Buffer.concat(chunks).toString()).events;
      arrivals.push({
        eventId: event.webhookEventId,
        isRedelivery: event.deliveryContext.isRedelivery,
        answeredOk,
      });
      setTimeout(() => response.writeHead(answeredOk ? 200 : 500).end(), 15);
    });
  });
  await new Promise<void>((settle) => bot.listen(0, "127.0.0.1", settle));
  botUrl = `http://127.0.0.1:${(bot.address() as AddressInfo).port}/webhook`;
});
afterEach(() => engine?.kill());
afterAll(async () => {
  bot.closeAllConnections();
  await new Promise((settle) => bot.close(settle));
  await database.close();
});

async function startEngine(): Promise<EngineProcess> {
  const env = { LOG_LEVEL: "silent" };
  engine = await startEngineProcess({ databaseUrl: database.url, role: "all", env });
  return engine;
}

/** Posts one event; true only when the API said that it has it. */
async function post(apiUrl: string, channelId: string, webhookEventId: string): Promise<boolean> {
  try {
    const response = await fetch(`${apiUrl}/v1/channels/${channelId}/webhooks`, {
      method: "POST",
      headers: { authorization: `Bearer ${platformKey}`, "content-type": "application/json" },
      body: JSON.stringify({ events: [{ type: "follow", webhookEventId }] }),
    });
    await response.arrayBuffer();
    return response.status === 202;
  } catch {
    return false;
  }
}

test("killing the engine in the middle of its work loses no accepted webhook and counts no error twice", async () => {
  const channel = await createChannel(database.db, {
    webhookUrl: botUrl,
    useWebhook: true,
    webhookRedelivery: true,
    errorStatisticsAggregation: true,
  });
  const accepted = new Set<string>();
  for (let round = 0; round < 3; round += 1) {
    const { kill, apiUrl } = await startEngine();
    const prefix = `01JD${String(round).padStart(2, "0")}`;
    const acceptedInRound = () => [...accepted].filter((id) => id.startsWith(prefix));
    const posting = Promise.all(
      Array.from({ length: 120 }, async (_, index) => {
        const id = `${prefix}${String(index).padStart(20, "0")}`;
        if (await post(apiUrl, channel.id, id)) accepted.add(id);
      }),
    );
    // Of this round: what rounds before left is redelivered meanwhile, perhaps before anything new is accepted.
    await eventually("some are accepted and some have arrived", () => {
      const arrived = new Set(arrivals.map((one) => one.eventId));
      return acceptedInRound().length > 20 && acceptedInRound().some((id) => arrived.has(id));
    });
    await kill();
    await posting;
  }

  await startEngine();
  await eventually(
    "the queue is empty",
    async () => (await database.db.queuedWebhook.count()) === 0,
  );

  const delivered = new Set(arrivals.filter((one) => one.answeredOk).map((one) => one.eventId));
  expect([...accepted].filter((id) => !delivered.has(id))).toEqual([]);
  // Whatever arrived again was said to be a redelivery.
  const known = new Set<string>();
  for (const { eventId, isRedelivery } of arrivals) {
    if (known.has(eventId)) expect([eventId, isRedelivery]).toEqual([eventId, true]);
    known.add(eventId);
  }
  const errors = await database.db.webhookError.count();
  const rows = await database.db.errorRow.aggregate({ _sum: { errorCount: true } });
  const hours = await database.db.errorHour.aggregate({ _sum: { errorCount: true } });
  expect([rows._sum.errorCount, hours._sum.errorCount]).toEqual([errors, errors]);
  // Each problem is noted from the first to the last of its errors, and only those.
  const differing = await database.pool.query(
    `with made as (
       select channel_id, reason, detail, min(occurred_at) as began_at, max(occurred_at) as last_at from webhook_errors group by 1, 2, 3)
     select * from made full join problems p using (channel_id, reason, detail)
      where (made.began_at, made.last_at) is distinct from (p.began_at, p.last_at)`,
  );
  expect(differing.rows).toEqual([]);
  // Attempts cut off by the kill are unrecorded; every recorded one reached the bot server, none is there twice. What took
  // longer than 2 s is an error as well, whatever it was answered.
  const answered = await database.db.webhookError.count({ where: { reason: "error_status_code" } });
  expect(answered).toBeLessThanOrEqual(arrivals.filter((one) => !one.answeredOk).length);
  expect(await database.db.webhook.count({ where: { state: "delivered" } })).toBe(delivered.size);
});
