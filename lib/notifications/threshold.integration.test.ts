import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";
import { type Database, inTransaction } from "#lib/db.ts";
import { poolTime } from "#lib/time/database-time.ts";
import { closingOptions, testPolicy } from "#testing/closing-options.ts";
import { createChannel, createMember, createUser, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { countAttempts, forgetStarts } from "./attempt-starts.ts";
import { closeDueWindows } from "./close-windows.ts";
import { countIntoWindows } from "./count-failures.ts";
import { readMailStanding } from "./read-standing.ts";
import { findThreshold } from "./read-thresholds.ts";
import { saveThreshold } from "./save-threshold.ts";
import type { NotableFailure } from "./schema.ts";
import type { Threshold } from "./threshold.ts";

const windowMs = testPolicy.windowMs;
const start = Date.parse("2026-11-22T01:00:00Z");
const moment = (seconds: number) => new Date(start + seconds * 1_000);
let database: Database;
let channelId: string;
let email: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate notification_windows, notifications, notices, mails, alerts, attempt_starts, endpoint_health",
  );
  ({ id: channelId } = await createChannel(database.db, { emailVerifiedAt: null }));
  const admin = await createUser(database.db);
  email = admin.email;
  await createMember(database.db, channelId, { userId: admin.id });
});

/** Set long ago. */
async function setThreshold(threshold: Threshold | null, countedFrom = new Date(0)) {
  await database.db.notificationThreshold.deleteMany({ where: { channelId } });
  if (threshold === null) return;
  await database.db.notificationThreshold.create({
    data: { channelId, countedFrom, ...threshold },
  });
}

const fail = (seconds: number, errorCount: number, of: Partial<NotableFailure> = {}) =>
  inTransaction(database.pool, (client) =>
    countIntoWindows(
      client,
      [
        {
          ...{ channelId, type: "error_detected", statusCode: 500, errorCount },
          ...{ reason: "error_status_code", detail: "500", occurredAt: moment(seconds) },
          ...of,
        },
      ],
      windowMs,
    ),
  );

/** As recording leaves them. */
const begin = (...starts: Date[]) =>
  database.pool.query(
    `insert into attempt_starts (channel_id, first_at, last_at, starts)
     select $1, min(at), max(at), array_agg(at) from unnest($2::timestamptz[]) at`,
    [channelId, starts],
  );
const times = (count: number, at: Date) => Array.from({ length: count }, () => at);

const close = (seconds: number) =>
  closeDueWindows(database.pool, closingOptions({}, { now: moment(seconds) }));
const untold = async () =>
  (
    await database.db.notification.findMany({
      where: { channelId },
      orderBy: { detectedAt: "asc" },
    })
  ).map((one) => one.untold);
const mails = async () =>
  (
    await database.db.mail.findMany({ where: { recipient: email }, orderBy: { createdAt: "asc" } })
  ).map(({ text }) => JSON.parse(text ?? ""));

describe("a window is told from exactly as many errors on", () => {
  test("as a number", async ({ expect }) => {
    await setThreshold({ kind: "count", value: 10 });
    await fail(0, 9);
    await fail(400, 10);
    await close(320);
    expect(await mails()).toEqual([]);
    await close(720);
    expect(await untold()).toEqual(["below_threshold", null]);
    expect(await mails()).toMatchObject([
      { errorCount: 10, news: { as: "first" }, reminder: { since: null, heldCount: 9 } },
    ]);
    const [kept] = await database.db.notification.findMany({ orderBy: { detectedAt: "asc" } });
    expect(kept).toMatchObject({ errorCount: 9, toldAs: null });
    expect(kept?.settledAt).not.toBeNull();
  });

  test("as errors a minute of the window's own length", async ({ expect }) => {
    await setThreshold({ kind: "rate", value: 3 });
    await fail(0, 14);
    await close(320);
    await fail(400, 15);
    await close(720);
    // One that was closed after 30 seconds.
    await fail(4_500, 2);
    await database.pool.query("update notification_windows set closes_at = $1", [moment(4_530)]);
    await close(4_600);
    expect(await untold()).toEqual(["below_threshold", null, null]);
  });

  test("as a share of all attempts that began in it, to the millisecond", async ({ expect }) => {
    await setThreshold({ kind: "share", value: 10 });
    const next = (seconds: number, ms: number) => new Date(moment(seconds).getTime() + ms);
    // 2 of 20: those just before it and at its end are not among them.
    await fail(0, 2);
    await begin(...times(9, moment(-1)), ...times(2, moment(0)), ...times(9, next(0, 1)));
    await begin(...times(9, next(300, -1)), ...times(9, moment(300)));
    await begin(...times(40, next(0, -1)));
    await close(320);
    expect(await untold()).toEqual([null]);
    // 2 of 21.
    await fail(400, 2);
    await begin(...times(2, moment(400)), ...times(18, moment(500)), next(700, -1));
    await close(720);
    expect(await untold()).toEqual([null, "below_threshold"]);
  });
});

test("a share judges no window that began before its attempts were counted", async ({ expect }) => {
  await setThreshold({ kind: "share", value: 50 }, moment(1));
  await fail(0, 1);
  await fail(2, 1, { statusCode: 503, detail: "503" });
  await begin(...times(1_000, moment(100)));
  await close(330);
  expect(await untold()).toEqual([null, "below_threshold"]);
});

test("each kind is judged by itself, and other channels by their own thresholds", async ({
  expect,
}) => {
  await setThreshold({ kind: "count", value: 5 });
  const other = await createChannel(database.db, {});
  await fail(0, 4);
  await fail(1, 4, { statusCode: 503, detail: "503" });
  await fail(2, 5, { statusCode: 502, detail: "502" });
  await fail(3, 1, { channelId: other.id });
  await fail(4, 1, { type: "redelivery_stopped" });
  await close(330);
  const rows = await database.db.notification.findMany({ orderBy: { detectedAt: "asc" } });
  expect(rows.map((row) => row.untold)).toEqual([
    ...["below_threshold", "below_threshold", null, null, null],
  ]);
});

test("muted problems count for no threshold", async ({ expect }) => {
  const muted = { reason: "could_not_connect", detail: "Connection failed" } as const;
  const late = { reason: "request_timeout", detail: "Request timeout", statusCode: null } as const;
  await database.db.problemMark.create({ data: { channelId, ...muted, mutedAt: moment(-60) } });
  await setThreshold({ kind: "count", value: 5 });
  await fail(0, 50, { ...muted, statusCode: null });
  await fail(1, 4, late);
  await close(330);
  await fail(400, 5, late);
  await close(730);
  expect(await untold()).toEqual(["below_threshold", null]);
  // What a window held counts whole, as in its mail.
  expect(await mails()).toMatchObject([{ errorCount: 5, reminder: { heldCount: 54 } }]);
});

test("when nothing is delivered any more, one error in a window is told", async ({ expect }) => {
  await setThreshold({ kind: "count", value: 1_000 });
  await fail(0, 1);
  await close(320);
  await database.pool.query(
    `insert into endpoint_health (channel_id, failing_since, last_failure_at, failed_count, reason, detail)
     values ($1, $2, $3, 3, 'error_status_code', '500')`,
    [channelId, moment(0), moment(400)],
  );
  await fail(400, 1);
  await close(720);
  expect(await untold()).toEqual(["below_threshold", null]);
  expect(await mails()).toMatchObject([
    { errorCount: 1, news: { as: "ceased" }, reminder: { since: null, heldCount: 1 } },
  ]);
});

test("a change in the middle of an outage holds from the next window that settles on, and no error is lost", async ({
  expect,
}) => {
  const save = (threshold: Threshold | null) =>
    saveThreshold(database.db, testActor, { channelId, threshold });
  await fail(0, 7);
  await close(320);
  await save({ kind: "count", value: 20 });
  await fail(4_000, 8);
  await close(4_320);
  await save({ kind: "count", value: 8 });
  await fail(4_400, 8);
  await close(4_720);
  await save(null);
  await fail(7_900, 1);
  await close(8_220);
  expect(await untold()).toEqual([null, "below_threshold", null, "reminder_pause"]);
  const told = (await mails()).map((mail) => mail.errorCount + (mail.reminder?.heldCount ?? 0));
  expect(told).toEqual([7, 16]);
  const [telling] = await database.db.telling.findMany({ where: { channelId } });
  expect(telling).toMatchObject({ heldCount: 1, heldSince: moment(7_900) });
});

test("a worker that is killed while it settles decides nothing, and the next one the same", async ({
  expect,
}) => {
  await setThreshold({ kind: "count", value: 5 });
  await fail(0, 3);
  await database.pool.query(
    "alter table notifications add constraint stuck check (settled_at is null) not valid",
  );
  await expect(close(320)).rejects.toThrow("stuck");
  expect(await database.db.telling.count({ where: { channelId } })).toBe(0);
  await database.pool.query("alter table notifications drop constraint stuck");
  await close(320);
  await close(320);
  expect(await untold()).toEqual(["below_threshold"]);
  const [telling] = await database.db.telling.findMany({ where: { channelId } });
  expect(telling).toMatchObject({ heldCount: 3, heldSince: moment(0), lastToldAt: null });
});

describe("how the channel stands to its mails says the threshold", () => {
  const standing = (seconds: number) =>
    readMailStanding(database.pool, channelId, testPolicy, moment(seconds));

  test("while errors stay below it, and when the mail comes once they do not", async ({
    expect,
  }) => {
    await setThreshold({ kind: "count", value: 10 });
    expect(await standing(0)).toMatchObject({ next: null, below: null });
    await fail(0, 9);
    const below = { kind: "count", value: 10, windowMs };
    expect(await standing(10)).toEqual({
      barrier: null,
      last: null,
      next: null,
      below,
      held: null,
    });
    await fail(20, 1);
    expect(await standing(30)).toMatchObject({
      ...{ next: { as: "first", at: moment(315) }, below: null },
    });
  });

  test("of a share, from the attempts so far", async ({ expect }) => {
    await setThreshold({ kind: "share", value: 20 });
    await fail(0, 1);
    await begin(...times(6, moment(1)));
    expect((await standing(10)).below).toMatchObject({ kind: "share", value: 20 });
    await fail(11, 1);
    expect(await standing(20)).toMatchObject({ next: { as: "first" }, below: null });
  });
});

describe("setting it", () => {
  const entries = () =>
    database.db.auditEntry.findMany({ where: { channelId }, orderBy: { id: "asc" } });
  const save = (threshold: Threshold | null) =>
    saveThreshold(database.db, testActor, { channelId, threshold });

  test("is written down with what it was, and not when nothing changed", async ({ expect }) => {
    await save(null);
    await save({ kind: "count", value: 10 });
    await save({ kind: "count", value: 10 });
    await save({ kind: "share", value: 25 });
    await save(null);
    expect(await findThreshold(database.db, channelId)).toBeNull();
    expect((await entries()).map(({ before, after: now }) => [before, now])).toEqual([
      [{ toldFromCount: null }, { toldFromCount: 10 }],
      [
        { toldFromCount: 10, toldFromShare: null },
        { toldFromCount: null, toldFromShare: 25 },
      ],
      [{ toldFromShare: 25 }, { toldFromShare: null }],
    ]);
  });

  test("counts attempts from the moment it is a share, and goes on with another number", async ({
    expect,
  }) => {
    const countedFrom = async () =>
      (await database.db.notificationThreshold.findUnique({ where: { channelId } }))?.countedFrom;
    await setThreshold({ kind: "count", value: 9 });
    const clock = async () => (await poolTime(database.pool)).getTime();
    const before = await clock();
    await save({ kind: "share", value: 25 });
    const since = await countedFrom();
    // 10 s after it was set, whenever that was between the two.
    expect(since?.getTime()).toBeGreaterThanOrEqual(before + 10_000 - 1);
    expect(since?.getTime()).toBeLessThanOrEqual((await clock()) + 10_000 + 1);
    await save({ kind: "share", value: 30 });
    expect(await countedFrom()).toEqual(since);
  });

  test("goes with the channel", async ({ expect }) => {
    await save({ kind: "rate", value: 4 });
    await database.db.channel.delete({ where: { id: channelId } });
    expect(await database.db.notificationThreshold.count({ where: { channelId } })).toBe(0);
  });
});

test("attempts are let go after an hour, but not while a window may ask for them", async ({
  expect,
}) => {
  const { pool } = database;
  const old = new Date(Date.now() - 2 * 3_600_000);
  await begin(old);
  await fail((old.getTime() - start) / 1_000, 1);
  await forgetStarts(pool);
  const stretch = { id: "1", channelId, from: old, to: new Date(old.getTime() + 1) };
  expect(await countAttempts(pool, [stretch])).toEqual(new Map([["1", 1]]));
  await pool.query("truncate notification_windows");
  await forgetStarts(pool);
  expect(await countAttempts(pool, [stretch])).toEqual(new Map());
  expect(await countAttempts(pool, [])).toEqual(new Map());
});
