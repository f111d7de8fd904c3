import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { createPlatformKey } from "#lib/tokens/platform-keys.ts";
import { createChannel, testActor, testEncryptionKey } from "#prisma/factories.ts";
import { createTestDatabase } from "#prisma/test-database.ts";

type Arrival = { eventId: string; isRedelivery: boolean; answeredOk: boolean };

let database: Database & { url: string };
let bot: Server;
let botUrl: string;
let platformKey: string;
let engine: ChildProcess | undefined;
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
afterEach(async () => {
  if (engine !== undefined) await kill(engine);
});
afterAll(async () => {
  bot.closeAllConnections();
  await new Promise((settle) => bot.close(settle));
  await database.close();
});

async function startEngine(): Promise<{ child: ChildProcess; apiUrl: string }> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ["--import", "tsx", join(import.meta.dirname, "main.ts"), "--role", "all"],
    {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: {
        NODE_ENV: "production",
        PATH: "/usr/bin:/bin",
        DATABASE_URL: database.url,
        AUTH_SECRET: randomBytes(32).toString("hex"),
        ENCRYPTION_KEY: testEncryptionKey.toString("hex"),
        ENGINE_PORT: String(port),
        ALLOW_TARGETS: "127.0.0.0/8",
        ALLOW_HTTP_TARGETS: "true",
        REDELIVERY_SCHEDULE: "200ms, 200ms, 200ms, 200ms, 200ms, 200ms",
        LOG_LEVEL: "silent",
      },
    },
  );
  engine = child;
  await new Promise<void>((settle, refuse) => {
    child.once("message", () => settle());
    child.once("exit", (code, signal) => refuse(new Error(`the engine ended: ${code ?? signal}`)));
  });
  return { child, apiUrl: `http://127.0.0.1:${port}` };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((settle) => child.once("exit", settle));
  child.kill("SIGKILL");
  await ended;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((settle) => probe.listen(0, "127.0.0.1", settle));
  const { port } = probe.address() as AddressInfo;
  await new Promise((settle) => probe.close(settle));
  return port;
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

async function until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

test("killing the engine in the middle of its work loses no accepted webhook and counts no error twice", {
  timeout: 180_000,
}, async () => {
  const channel = await createChannel(database.db, {
    webhookUrl: botUrl,
    useWebhook: true,
    webhookRedelivery: true,
    errorStatisticsAggregation: true,
  });
  const accepted = new Set<string>();
  for (let round = 0; round < 3; round += 1) {
    const { child, apiUrl } = await startEngine();
    const seen = arrivals.length;
    const posting = Promise.all(
      Array.from({ length: 120 }, async (_, index) => {
        const id = `01JD${String(round).padStart(2, "0")}${String(index).padStart(20, "0")}`;
        if (await post(apiUrl, channel.id, id)) accepted.add(id);
      }),
    );
    await until("some have arrived", () => arrivals.length > seen + 20);
    await kill(child);
    await posting;
  }
  expect(accepted.size).toBeGreaterThan(60);

  await startEngine();
  await until("the queue is empty", async () => (await database.db.queuedWebhook.count()) === 0);

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
  // Attempts cut off by the kill are unrecorded; every recorded one reached the bot server, none is there twice.
  expect(errors).toBeLessThanOrEqual(arrivals.filter((one) => !one.answeredOk).length);
  expect(await database.db.webhook.count({ where: { state: "delivered" } })).toBe(delivered.size);
});
