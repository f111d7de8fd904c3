import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { Database } from "#lib/db.ts";
import { type Log, openLog } from "#lib/log.ts";
import { startDatabaseClock } from "#lib/time/database-clock.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { type Housekeeping, type HousekeepingOptions, startHousekeeping } from "./housekeeping.ts";

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const retention = { log: 30, errors: 90, rows: 400, audit: 400, mails: 90 };
/** The process believes its clock, whatever that says. */
const trusted = { settle: async () => undefined, isFarOff: () => false };

let database: Database & { url: string };
let lines: { level: number; msg: string; chore?: string }[] = [];
const log: Log = openLog("test", "info", {
  write: (line: string) => void lines.push(JSON.parse(line)),
});
const running: { stop: () => Promise<void> }[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  vi.useRealTimers();
  lines = [];
});
afterAll(() => database.close());

function start(clock: HousekeepingOptions["clock"]): Housekeeping {
  const housekeeping = startHousekeeping({ databaseUrl: database.url, retention, clock, log });
  running.push(housekeeping);
  return housekeeping;
}

/** The wall clock is set; the monotonic one runs on, as a real one does. */
function setClock(offMs: number): void {
  vi.useRealTimers();
  if (offMs !== 0) vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + offMs });
}

const partitions = async (): Promise<string[]> => {
  const { rows } = await database.pool.query<{ name: string }>(
    "select inhrelid::regclass::text as name from pg_inherits order by 1",
  );
  return rows.map(({ name }) => name);
};

async function leaveOldKey(): Promise<() => Promise<number>> {
  const { id } = await createChannel(database.db);
  await database.pool.query(
    `insert into idempotency_keys (channel_id, key, body_hash, webhook_id, event_count, created_at)
     values ($1, 'old', '', $2, 1, now() - interval '25 hours')`,
    [id, randomUUID()],
  );
  return () => database.db.idempotencyKey.count({ where: { channelId: id } });
}

test.each([40, 100, 430, -40])(
  "a worker whose clock is %i days off drops nothing and makes nothing",
  async (days) => {
    const before = await partitions();
    setClock(days * dayMs);
    await start(trusted).round();
    expect(await partitions()).toEqual(before);
  },
);

test("a process whose clock is more than 5 minutes off does no housekeeping until it is right, and says so once", async () => {
  const left = await leaveOldKey();
  setClock(60 * minuteMs);
  const clock = startDatabaseClock(database.pool, { part: "test", log });
  running.push(clock);
  const housekeeping = start(clock);
  await housekeeping.round();
  await housekeeping.round();
  expect(await left()).toBe(1);
  expect(lines).toMatchObject([
    { level: 50, msg: expect.stringMatching(/^this machine's clock is \d+ s ahead of/) },
  ]);
  setClock(0);
  await housekeeping.round();
  expect(await left()).toBe(0);
  expect(lines.at(1)).toMatchObject({ level: 30, msg: "this machine's clock is correct again" });
});

test("a table that somebody holds keeps only its own chore from being done; it is told once, and when it is done", async () => {
  const left = await leaveOldKey();
  const held = ["webhooks_default", "delivered_hours"];
  const holder = await database.pool.connect();
  const housekeeping = start(trusted);
  try {
    await holder.query("begin");
    await holder.query(`lock table ${held.join(", ")} in access exclusive mode`);
    await housekeeping.round();
    await housekeeping.round();
    expect(await left()).toBe(0);
    expect(lines).toMatchObject([
      { level: 50, chore: "partitions of webhooks" },
      { level: 50, chore: "old hours" },
    ]);
  } finally {
    await holder.query("rollback");
    holder.release();
  }
  await housekeeping.round();
  expect(lines.slice(2)).toMatchObject([
    { level: 30, chore: "partitions of webhooks" },
    { level: 30, chore: "old hours" },
  ]);
});
