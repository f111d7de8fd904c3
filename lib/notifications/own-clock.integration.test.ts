import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Database, inTransaction } from "#lib/db.ts";
import { closingOptions } from "#testing/closing-options.ts";
import { createChannel, createUser, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { closeDueWindows } from "./close-windows.ts";
import { countIntoWindows } from "./count-failures.ts";
import { orderWeeklyDigests } from "./order-weekly.ts";
import { savePreferences } from "./save-preferences.ts";
import { weekDue } from "./week.ts";

const dayMs = 86_400_000;

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => database.close());

const setClock = (now: number) => vi.useFakeTimers({ toFake: ["Date"], now });

test("what waits for a digest is told after the pause by the database's clock, whatever the worker's says", async () => {
  // Nothing fits below this cap, so everything gathers for a window's length.
  const options = closingOptions({ channelCapPerDay: 0 });
  const { id: channelId } = await createChannel(database.db, { email: "team@example.com" });
  const failure = {
    ...{ channelId, type: "error_detected" as const, statusCode: 500, errorCount: 1 },
    ...{ reason: "error_status_code" as const, detail: "500" },
    occurredAt: new Date(Date.now() - 600_000),
  };
  await inTransaction(database.pool, (client) => countIntoWindows(client, [failure], 300_000));
  const told = async (days: number) => {
    setClock(Date.now() + days * dayMs);
    try {
      return (await closeDueWindows(database.pool, options)).mails;
    } finally {
      vi.useRealTimers();
    }
  };
  expect(await told(0)).toBe(0);
  expect(await database.db.notice.count()).toBe(1);
  expect(await told(40)).toBe(0);
  await database.pool.query("update notices set created_at = now() - interval '301 seconds'");
  expect(await told(-40)).toBe(1);
});

test("it is in quiet hours, or not, by the database's clock, whatever the worker's says", async () => {
  const { rows } = await database.pool.query<{ minute: number }>(
    "select (extract(epoch from now())::bigint / 60 % 1440)::int as minute",
  );
  const minute = rows[0]?.minute ?? 0;
  const { db } = database;
  const people = await Promise.all(
    [-60, 120].map(async (begin) => {
      const user = await createUser(db, { timeZone: "UTC" });
      const { id: channelId } = await createChannel(db, { emailVerifiedAt: null });
      await db.channelMember.create({ data: { channelId, userId: user.id, role: "admin" } });
      const always = { weekdays: [1, 2, 3, 4, 5, 6, 7], outagesCome: true };
      const beginsAt = (minute + begin + 1_440) % 1_440;
      const endsAt = (beginsAt + 180) % 1_440;
      await db.quietHours.create({ data: { userId: user.id, beginsAt, endsAt, ...always } });
      const failure = {
        ...{ channelId, type: "error_detected" as const, statusCode: 500, errorCount: 1 },
        ...{ reason: "error_status_code" as const, detail: "500" },
        occurredAt: new Date(Date.now() - 600_000),
      };
      await inTransaction(database.pool, (client) => countIntoWindows(client, [failure], 300_000));
      return user.email;
    }),
  );
  setClock(Date.now() + 3 * 3_600_000);
  await closeDueWindows(database.pool, closingOptions());
  vi.useRealTimers();
  const written = await db.mail.findMany({ where: { recipient: { in: people } } });
  expect(written.map(({ recipient }) => recipient)).toEqual([people[1]]);
});

test("the weekly digest of a week that is not over is not ordered by a worker whose clock is ahead", async () => {
  const { id: channelId } = await createChannel(database.db, { emailVerifiedAt: null });
  const { id: userId, email } = await createUser(database.db);
  await database.db.channelMember.create({ data: { channelId, userId, role: "admin" } });
  await savePreferences(database.pool, testActor, email, {
    ...{ channelId, whose: "own", types: [], weekly: true, confirmed: true },
  });
  const options = closingOptions();
  const { to, dueAt } = weekDue(new Date(Date.now() + 28 * dayMs), options.displayTimeZone);
  setClock(dueAt.getTime() + 1_000);
  await orderWeeklyDigests(database.pool, options);
  vi.useRealTimers();
  const ordered = await database.db.mailOrder.findMany({ where: { kind: "weekly" } });
  const ends = ordered.map((one) => one.params as { to: string });
  expect(ends.filter((week) => Date.parse(week.to) > to.getTime() - 8 * dayMs)).toEqual([]);
});
