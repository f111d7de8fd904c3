import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Database, openDatabase } from "#lib/db.ts";
import { type Log, openLog } from "#lib/log.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { listClocks, listWrongClocks } from "./clock-readings.ts";
import { type DatabaseClock, startDatabaseClock } from "./database-clock.ts";
import { databaseTime, poolTime } from "./database-time.ts";

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
/** A reading may be wrong by the time that its answer takes; what is tested are minutes and days. */
const looseMs = 10_000;
const waiting = { timeout: 60_000, interval: 20 };

let database: Database & { url: string };
let lines: { level: number; offsetSeconds: number }[] = [];
const log: Log = openLog("test", "info", {
  write: (line: string) => void lines.push(JSON.parse(line)),
});
const clocks: DatabaseClock[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await Promise.all(clocks.splice(0).map((clock) => clock.stop()));
  vi.restoreAllMocks();
  lines = [];
});
afterAll(() => database.close());

const realNow = Date.now;

/** The wall clock goes on from another time; the monotonic one is left alone, as setting a real clock leaves it. */
function setClock(offMs: number): void {
  vi.spyOn(Date, "now").mockImplementation(() => realNow() + offMs);
}

async function start(part = "test"): Promise<DatabaseClock> {
  const clock = startDatabaseClock(database.pool, { part, log });
  clocks.push(clock);
  await clock.settle();
  return clock;
}

const offBy = async (clock: DatabaseClock): Promise<number> =>
  Math.abs(clock.now().getTime() - (await poolTime(database.pool)).getTime());

test.each([0, 40, -33, 430])(
  "with its own clock %i days off a process knows the database's time",
  async (days) => {
    setClock(days * dayMs);
    const clock = await start();
    expect(await offBy(clock)).toBeLessThan(looseMs);
    expect(Math.abs((clock.offsetMs() ?? 0) - days * dayMs)).toBeLessThan(looseMs);
    expect((await databaseTime(database.db)).getTime() - clock.now().getTime()).toBeLessThan(
      looseMs,
    );
  },
);

test("a clock that is set while the process runs moves nothing, and is noticed", async () => {
  const clock = await start();
  setClock(-40 * dayMs);
  expect(await offBy(clock)).toBeLessThan(looseMs);
  expect(clock.isFarOff()).toBe(true);
  await clock.settle();
  expect(await offBy(clock)).toBeLessThan(looseMs);
  expect(lines).toMatchObject([{ level: 50 }]);
});

test("a machine that slept reads the clock anew before it goes by it", async () => {
  const clock = await start();
  // The monotonic clock stood still for an hour while the world went on.
  vi.spyOn(performance, "now").mockImplementation(
    () => Number(process.hrtime.bigint()) / 1e6 - 60 * minuteMs,
  );
  await clock.settle();
  expect(await offBy(clock)).toBeLessThan(looseMs);
});

test("more than 30 s are told once, and once more when they are over; less is not told", async () => {
  setClock(20_000);
  const clock = await start();
  expect(lines).toEqual([]);
  setClock(-3 * minuteMs);
  await clock.settle();
  setClock(-4 * minuteMs);
  await clock.settle();
  expect(lines).toMatchObject([{ level: 50 }]);
  expect(Math.abs((lines[0]?.offsetSeconds ?? 0) + 180)).toBeLessThan(looseMs / 1_000);
  expect(clock.isFarOff()).toBe(false);
  setClock(0);
  await clock.settle();
  expect(lines).toMatchObject([{ level: 50 }, { level: 30 }]);
});

test("the processes that run are listed with their clocks, and only while they run", async () => {
  const right = await start("right");
  setClock(2 * dayMs);
  const wrong = await start("wrong");
  const parts = async () => (await listClocks(database.pool)).map(({ part }) => part);
  await vi.waitFor(async () => expect(await parts()).toEqual(["right", "wrong"]), waiting);
  const [only, ...more] = await listWrongClocks(database.pool);
  expect([only?.part, more]).toEqual(["wrong", []]);
  expect(Math.abs((only?.offsetMs ?? 0) - 2 * dayMs)).toBeLessThan(looseMs);
  await wrong.stop();
  expect(await parts()).toEqual(["right"]);
  // What was killed could not say good-bye.
  await database.pool.query("update clock_readings set read_at = now() - interval '6 minutes'");
  expect(await parts()).toEqual([]);
  await right.stop();
});

test("without a database nothing is guessed", async () => {
  const away = openDatabase("postgres://nobody@127.0.0.1:1/nothing");
  const clock = startDatabaseClock(away.pool, { part: "test", log });
  expect(() => clock.now()).toThrow(expect.objectContaining({ code: "unavailable" }));
  await expect(clock.settle()).rejects.toThrow("ECONNREFUSED");
  expect(clock.offsetMs()).toBeNull();
  expect(clock.isFarOff()).toBe(false);
  await clock.stop();
  await away.close();
});
