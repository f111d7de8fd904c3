import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { AppError } from "#lib/app-error.ts";
import type { Database } from "#lib/db.ts";
import { openLog } from "#lib/log.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { type IntakeDesk, openIntake } from "./intake.ts";

let database: Database;
let desk: IntakeDesk;
let channelId: string;
let release: () => Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase();
  const channel = await createChannel(database.db, {
    webhookUrl: "https://bot.example.com/",
    useWebhook: true,
  });
  channelId = channel.id;
});
afterEach(async () => {
  await release();
  await desk.stop();
});
afterAll(() => database.close());

/** An intake over a table that is locked, by a pool without limits: only its own bounds end anything. */
async function openLocked(bounds: NonNullable<Parameters<typeof openIntake>[0]["bounds"]>) {
  desk = openIntake({
    pool: database.pool,
    limits: { queueMax: 1_000_000, channelMax: 1_000_000, ageMaxMs: 3_600_000 },
    log: openLog("test", "silent"),
    bounds,
  });
  const client = await database.pool.connect();
  await client.query("begin");
  await client.query("lock table webhook_queue in exclusive mode");
  let isHeld = true;
  release = async () => {
    if (!isHeld) return;
    isHeld = false;
    await client.query("rollback");
    client.release();
  };
}

const add = (text = "hello") =>
  desk.add({
    channelId,
    events: [JSON.stringify({ type: "message", text })],
    idempotencyKey: null,
  });
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => "accepted",
    (error: unknown) => (error instanceof AppError ? error.code : error),
  );

test.each([
  ["in number", { pendingMax: 3 }, "hello"],
  ["in bytes", { pendingBytesMax: 3_500 }, "x".repeat(1_000)],
])(
  "what waits for the database is bounded %s: one more is refused at once",
  async (_how, bounds, text) => {
    await openLocked({ patienceMs: 600_000, ...bounds });
    const waiting = [add(text), add(text), add(text)];
    expect(await refusal(add(text))).toBe("unavailable");
    await release();
    for (const one of waiting) expect(await one).toMatchObject({ eventCount: 1 });
    expect(await add(text)).toMatchObject({ eventCount: 1 });
  },
);

test("whoever has waited long enough is told that nobody knows, whatever the database does", async () => {
  await openLocked({ patienceMs: 100 });
  expect(await refusal(add())).toBe("unavailable");
  await release();
});
