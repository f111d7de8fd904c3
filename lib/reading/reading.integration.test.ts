import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Database, Db } from "#lib/db.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { readingBounds } from "./bounds.ts";
import { openReading, type Reading } from "./open-reading.ts";
import { createTicket, ReadingPool } from "./reading-pool.ts";

let database: Database & { url: string };
let reading: Reading;
const deadline = { timeout: 120_000, interval: 20 };
const name = "tocsin test reading";
const one = { userId: "one", sessionId: "session of one" };
const other = { userId: "other", sessionId: "session of other" };

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => reading.close());
afterAll(() => database.close());

function open(bounds: Partial<typeof readingBounds> = {}): void {
  reading = openReading(database.url, {
    name,
    bounds: { ...readingBounds, longestMs: 60_000, patienceMs: 60_000, ...bounds },
    onIdleError: () => undefined,
  });
}

/** Ends by itself after an hour. */
const forever = (db: Db) => db.$queryRaw`select pg_sleep(3600)::text`;
const quick = (db: Db) => db.$queryRaw`select 1 as n`;

async function countRunning(): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity
      where application_name = $1 and datname = current_database() and state = 'active' and query like '%pg_sleep%'`,
    [name],
  );
  return rows[0]?.n ?? 0;
}
const waitForRunning = (count: number) =>
  vi.waitFor(async () => expect(await countRunning()).toBe(count), deadline);

describe("questions that take long", () => {
  test("of one person, however many, neither hold others up nor fill the database", async () => {
    open();
    const leave = new AbortController();
    const asked = Array.from({ length: 30 }, () =>
      reading
        .read(one, (db) => Promise.all(Array.from({ length: 8 }, () => forever(db))), leave.signal)
        .catch((error: unknown) => error),
    );
    await waitForRunning(readingBounds.placesPerPerson * readingBounds.connectionsPerQuestion);
    expect(await reading.read(other, quick)).toEqual([{ n: 1 }]);
    const refused = await Promise.all(asked.slice(10));
    expect(refused).toHaveLength(20);
    for (const error of refused) {
      expect(error).toMatchObject({ code: "unavailable", key: "reading_busy" });
    }
    expect(reading.isFull(one.sessionId)).toBe(true);
    expect(reading.isFull(other.sessionId)).toBe(false);
    leave.abort();
    await Promise.all(asked);
    await waitForRunning(0);
    expect(reading.isFull(one.sessionId)).toBe(false);
  });

  test("end in the database when their reader leaves, and their connections come back", async () => {
    open({ places: 1, placesPerPerson: 1, connectionsPerQuestion: 1 });
    const leave = new AbortController();
    const asked = reading.read(one, forever, leave.signal).catch((error: unknown) => error);
    await waitForRunning(1);
    leave.abort();
    expect(await asked).toBeInstanceOf(Error);
    await waitForRunning(0);
    expect(await reading.read(one, quick)).toEqual([{ n: 1 }]);
  });

  test("end after a while, with a refusal in words", async () => {
    open({ longestMs: 200 });
    await expect(reading.read(one, forever)).rejects.toMatchObject({
      code: "unavailable",
      key: "reading_long",
    });
    await waitForRunning(0);
  });

  test("end when another part of the same answer fails", async () => {
    open();
    const asked = reading.read(one, async (db) => {
      const slow = forever(db);
      slow.catch(() => undefined);
      await waitForRunning(1);
      await db.$queryRaw`select 1 / 0`;
      await slow;
    });
    await expect(asked).rejects.toThrow("division by zero");
    await waitForRunning(0);
  });

  test("are refused when no place comes free in time", async () => {
    open({ places: 1, placesPerPerson: 1, patienceMs: 50 });
    const leave = new AbortController();
    const first = reading.read(one, forever, leave.signal).catch((error: unknown) => error);
    await waitForRunning(1);
    await expect(reading.read(other, quick)).rejects.toMatchObject({ key: "reading_busy" });
    leave.abort();
    await first;
  });
});

test("a part that the answer does not wait for keeps the place until it is there", async () => {
  open({ places: 1, placesPerPerson: 1, patienceMs: 100 });
  await database.pool.query("select pg_advisory_lock(1)");
  let later: Promise<unknown> = Promise.resolve();
  await reading.read(one, async (db) => {
    later = Promise.resolve(db.$queryRaw`select pg_advisory_lock_shared(1)::text`);
    return quick(db);
  });
  await expect(reading.read(other, quick)).rejects.toMatchObject({ key: "reading_busy" });
  await database.pool.query("select pg_advisory_unlock_all()");
  await later;
  await vi.waitFor(
    async () => expect(await reading.read(other, quick)).toEqual([{ n: 1 }]),
    deadline,
  );
});

test("a reader who leaves while a connection is still being made gives every place back", async () => {
  const pool = new ReadingPool({ connectionString: database.url, max: 2 });
  const ticket = createTicket(2);
  const asked = ticket.run(() => pool.query("select 1"));
  await Promise.resolve();
  await new Promise(setImmediate);
  ticket.end(new Error("The reader left."));
  await expect(asked).rejects.toThrow();
  await ticket.idle();
  await pool.end();
});

test("Prisma's own reads and transactions count as the question's too", async () => {
  open({ places: 1, placesPerPerson: 1, connectionsPerQuestion: 1 });
  const leave = new AbortController();
  leave.abort();
  await expect(reading.read(one, (db) => db.user.count(), leave.signal)).rejects.toThrow();
  expect(await reading.read(one, (db) => db.user.count())).toBe(0);
});
