import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";
import { type Database, inTransaction } from "#lib/db.ts";
import { noteFailures } from "#lib/endpoint-health/note-failures.ts";
import { recoverySql } from "#lib/endpoint-health/recovery-sql.ts";
import { closingOptions, testPolicy } from "#testing/closing-options.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { closeEarly } from "./close-early.ts";
import { closeDueWindows } from "./close-windows.ts";
import { countIntoWindows } from "./count-failures.ts";
import { readMailStanding } from "./read-standing.ts";
import type { NotableFailure, NotificationPolicy } from "./schema.ts";

const windowMs = 300_000;
const early = { earlyMs: 20_000 };
const start = Date.parse("2026-11-22T01:00:00Z");
const moment = (seconds: number) => new Date(start + Math.round(seconds * 1_000));
const secondsOf = (at: Date) => (at.getTime() - start) / 1_000;
let database: Database;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate notification_windows, notifications, notices, mails, alerts, outages, tellings, endpoint_health, problem_marks",
  );
});

const close = (seconds: number, policy: Partial<NotificationPolicy> = {}) =>
  closeDueWindows(
    database.pool,
    closingOptions({ ...early, ...policy }, { now: moment(seconds), keep: true }),
  );

async function closeUntil(from: number, to: number, policy: Partial<NotificationPolicy> = {}) {
  for (let seconds = from; seconds < to; seconds += 1) await close(seconds, policy);
}

type Overrides = Partial<NotableFailure> & { count?: number };

/** As the record step does it: each failure is counted and noted in the health of its channel. */
function fail(channelId: string, seconds: number, { count = 1, ...overrides }: Overrides = {}) {
  const failure: NotableFailure = {
    ...{ channelId, type: "error_detected", statusCode: null, errorCount: count },
    ...{ reason: "could_not_connect", detail: "Connection failed", occurredAt: moment(seconds) },
    ...overrides,
  };
  const { occurredAt: startedAt, reason, detail } = failure;
  return inTransaction(database.pool, async (client) => {
    await countIntoWindows(client, [failure], windowMs);
    const attempts = Array.from({ length: count }, () => ({
      channelId,
      startedAt,
      reason,
      detail,
    }));
    await noteFailures(client, attempts);
  });
}

const deliver = (channelId: string, seconds: number) =>
  database.pool.query(
    `update endpoint_health h ${recoverySql} from (select $1::text as channel_id, $2::timestamptz as delivered_at) d
      where h.channel_id = d.channel_id and h.failing_since < d.delivered_at`,
    [channelId, moment(seconds)],
  );

async function failAll(channelId: string, ...seconds: number[]) {
  for (const at of seconds) await fail(channelId, at);
}

async function channelWithAdmin() {
  const channel = await createChannel(database.db, { emailVerifiedAt: null });
  const admin = await createUser(database.db);
  await createMember(database.db, channel.id, { userId: admin.id });
  return { channelId: channel.id, admin };
}

/** What became of the windows of a channel: from, to, errors, why told or why not. */
async function windowsOf(channelId: string) {
  const rows = await database.db.notification.findMany({
    where: { channelId, type: "error_detected" },
    orderBy: [{ detectedAt: "asc" }, { key: "asc" }],
  });
  return rows.map((one) => [
    secondsOf(one.detectedAt),
    secondsOf(one.closedAt),
    one.errorCount,
    one.toldAs ?? one.untold,
  ]);
}
const toldOf = async (channelId: string) =>
  (await windowsOf(channelId)).filter(([, , , as]) => as !== null && as !== "reminder_pause");
const openOf = async (channelId: string) => {
  const rows = await database.db.notificationWindow.findMany({
    where: { channelId },
    orderBy: { key: "asc" },
  });
  return rows.map((one) => [
    secondsOf(one.openedAt),
    secondsOf(one.closesAt),
    one.errorCount,
    one.detail,
  ]);
};
const mailsTo = (recipient: string) =>
  database.db.mail.findMany({ where: { recipient }, orderBy: { createdAt: "asc" } });

describe("when deliveries cease", () => {
  test("people are told at once, with what failed until then, and the rest is held for the next mail", async ({
    expect,
  }) => {
    const { channelId, admin } = await channelWithAdmin();
    await failAll(channelId, 0, 6, 12, 18);
    expect(await close(19.999)).toEqual({ windows: 0, mails: 0 });
    expect(await close(20)).toEqual({ windows: 1, mails: 0 });
    await failAll(channelId, 24, 30);
    expect(await close(23.999)).toEqual({ windows: 0, mails: 0 });
    expect(await close(24)).toEqual({ windows: 0, mails: 1 });
    const [mail] = await mailsTo(admin.email);
    expect(JSON.parse(mail?.text ?? "")).toMatchObject({
      ...{ errorCount: 4, reminder: null, closedAt: moment(20).toISOString() },
      news: { as: "ceased", ceasedSince: moment(0).toISOString() },
    });
    expect(await openOf(channelId)).toEqual([[24, 324, 2, "Connection failed"]]);
    await closeUntil(330, 345);
    expect(await windowsOf(channelId)).toEqual([
      [0, 20, 4, "ceased"],
      [24, 324, 2, "reminder_pause"],
    ]);
    await failAll(channelId, 3_700);
    await close(4_015);
    const [, reminder] = await mailsTo(admin.email);
    expect(JSON.parse(reminder?.text ?? "")).toMatchObject({
      ...{ errorCount: 1, reminder: { since: moment(0).toISOString(), heldCount: 2 } },
    });
  });

  test("with 0s, windows are whole as ever", async ({ expect }) => {
    const { channelId } = await channelWithAdmin();
    await failAll(channelId, 0, 6, 12, 18, 24, 200);
    for (const seconds of [20, 100, 250]) await close(seconds, { earlyMs: 0 });
    expect(await openOf(channelId)).toHaveLength(1);
    await close(315, { earlyMs: 0 });
    expect(await windowsOf(channelId)).toEqual([[0, 300, 6, "ceased"]]);
  });

  test("in a window that some errors had opened before, it ends early and counts them", async ({
    expect,
  }) => {
    const { channelId } = await channelWithAdmin();
    await fail(channelId, 0);
    await deliver(channelId, 10);
    await failAll(channelId, 100, 110, 119);
    await closeUntil(115, 130);
    expect(await windowsOf(channelId)).toEqual([[0, 120, 4, "ceased"]]);
  });

  test("of two kinds of errors only the window of the newest error ends early", async ({
    expect,
  }) => {
    const { channelId } = await channelWithAdmin();
    const busy = { statusCode: 503, reason: "error_status_code", detail: "503" } as const;
    await fail(channelId, 0, busy);
    await failAll(channelId, 6, 12, 18);
    await closeUntil(20, 30);
    expect(await windowsOf(channelId)).toEqual([[6, 20, 3, "ceased"]]);
    expect(await openOf(channelId)).toEqual([[0, 300, 1, "503"]]);
  });
});

describe("nothing is told early", () => {
  test("of a bot server that is started anew within ten seconds, whatever it is sent after that", async ({
    expect,
  }) => {
    const quiet = await channelWithAdmin();
    await failAll(quiet.channelId, 0, 2, 4, 6, 8, 9.9);
    const busy = await channelWithAdmin();
    await failAll(busy.channelId, 0, 2, 4, 6, 8, 9.9);
    await deliver(busy.channelId, 10.1);
    await closeUntil(10, 60);
    expect(await windowsOf(quiet.channelId)).toEqual([]);
    expect(await windowsOf(busy.channelId)).toEqual([]);
  });

  test("of a channel of which some webhooks are delivered", async ({ expect }) => {
    const { channelId } = await channelWithAdmin();
    for (let seconds = 0; seconds < 290; seconds += 10) {
      await failAll(channelId, seconds, seconds + 1, seconds + 2, seconds + 3);
      if (seconds % 20 === 10) await deliver(channelId, seconds + 5);
      await close(seconds + 9);
    }
    expect(await windowsOf(channelId)).toEqual([]);
  });

  test("of two failed attempts, however long ago", async ({ expect }) => {
    const { channelId } = await channelWithAdmin();
    await failAll(channelId, 0, 15);
    await closeUntil(20, 40);
    expect(await windowsOf(channelId)).toEqual([]);
  });

  test("where nobody may be told, and that is decided once in an outage", async ({ expect }) => {
    const { channelId } = await channelWithAdmin();
    await failAll(channelId, 0, 6, 12, 18);
    await close(20, { access: "apply" });
    const health = { where: { channelId } };
    expect((await database.db.endpointHealth.findUnique(health))?.isLookedAt).toBe(true);
    await closeUntil(21, 40);
    expect(await windowsOf(channelId)).toEqual([]);
    await deliver(channelId, 50);
    expect((await database.db.endpointHealth.findUnique(health))?.isLookedAt).toBe(false);
  });

  test("of a muted problem, until there are errors of another", async ({ expect }) => {
    const { channelId } = await channelWithAdmin();
    const muted = { reason: "could_not_connect", detail: "Connection failed" } as const;
    await database.db.problemMark.create({
      data: { channelId, ...muted, mutedAt: moment(-60), mutedUntil: new Date("2099-01-01") },
    });
    await failAll(channelId, 0, 6, 12, 18);
    await closeUntil(20, 30);
    expect(await windowsOf(channelId)).toEqual([]);
    await fail(channelId, 29.5, { reason: "request_timeout", detail: "Request timeout" });
    await closeUntil(30, 40);
    expect(await windowsOf(channelId)).toEqual([[0, 30, 5, "ceased"]]);
  });
});

describe("what is recorded late", () => {
  test("a failure from before the end is counted where it belongs until the mail is written, then in the next window", async ({
    expect,
  }) => {
    const { channelId } = await channelWithAdmin();
    await failAll(channelId, 0, 6, 12, 18);
    await close(20);
    await fail(channelId, 19);
    await fail(channelId, 21);
    await close(24);
    await fail(channelId, 19.5);
    expect(await windowsOf(channelId)).toEqual([[0, 20, 5, "ceased"]]);
    expect(await openOf(channelId)).toEqual([[19.5, 319.5, 2, "Connection failed"]]);
  });

  test("a delivery that began before the end opens the window again, as if it had never ended", async ({
    expect,
  }) => {
    const { channelId } = await channelWithAdmin();
    const timeout = { reason: "request_timeout", detail: "Request timeout" } as const;
    await fail(channelId, 0, timeout);
    await failAll(channelId, 6, 12, 18);
    await close(20);
    await fail(channelId, 22, timeout);
    await deliver(channelId, 19);
    expect(await close(24)).toEqual({ windows: 0, mails: 0 });
    expect(await windowsOf(channelId)).toEqual([]);
    expect(await openOf(channelId)).toEqual([[0, 300, 5, "Request timeout"]]);
    const [window] = await database.db.notificationWindow.findMany({ where: { channelId } });
    expect(window).toMatchObject({
      lastAt: moment(22),
      reasons: { "request_timeout Request timeout": 2, "could_not_connect Connection failed": 3 },
    });
    // And again if nothing is delivered after it.
    await failAll(channelId, 30, 40);
    await closeUntil(40, 60);
    expect(await windowsOf(channelId)).toEqual([[0, 42, 7, "ceased"]]);
  });

  test("a delivery that began after the end takes nothing back", async ({ expect }) => {
    const { channelId } = await channelWithAdmin();
    await failAll(channelId, 0, 6, 12, 18);
    await close(20);
    await deliver(channelId, 20.5);
    expect(await close(24)).toEqual({ windows: 0, mails: 1 });
    expect(await windowsOf(channelId)).toEqual([[0, 20, 4, "ceased"]]);
  });

  test("a window that should not have ended, seen when it would be over, is judged as any", async ({
    expect,
  }) => {
    const { channelId } = await channelWithAdmin();
    await failAll(channelId, 0, 6, 12, 18);
    await close(20);
    await deliver(channelId, 19);
    await close(400);
    expect(await windowsOf(channelId)).toEqual([[0, 20, 4, "first"]]);
  });
});

test("a bot server that goes up and down all the time is news once", async ({ expect }) => {
  const { channelId, admin } = await channelWithAdmin();
  // Down for three minutes of five, for an hour.
  for (let minute = 0; minute < 55; minute += 1) {
    const isUp = minute % 5 > 2;
    for (let second = minute * 60; second < minute * 60 + 60; second += 10) {
      if (isUp) await deliver(channelId, second);
      else await fail(channelId, second);
      await close(second + 1);
    }
  }
  const told = await toldOf(channelId);
  expect(told).toEqual([[0, 21, 3, "ceased"]]);
  expect(await mailsTo(admin.email)).toHaveLength(1);
});

test("a bot server that worked for two windows is told of again", async ({ expect }) => {
  const { channelId } = await channelWithAdmin();
  await failAll(channelId, 0, 6, 12, 18);
  await closeUntil(20, 26);
  await deliver(channelId, 60);
  await failAll(channelId, 700, 706, 712, 718);
  await closeUntil(718, 726);
  expect(await windowsOf(channelId)).toEqual([
    [0, 20, 4, "ceased"],
    [700, 720, 4, "ceased"],
  ]);
});

test("a few errors in a short window are no low rate: the same errors for five minutes are no rise", async ({
  expect,
}) => {
  const { channelId } = await channelWithAdmin();
  for (let second = 0; second < 1_000; second += 4) {
    await fail(channelId, second);
    await close(second + 1);
  }
  const told = await toldOf(channelId);
  expect(told).toEqual([[0, 21, 6, "ceased"]]);
});

test("many channels of one person that die together are told in one mail", async ({ expect }) => {
  const admin = await createUser(database.db);
  const channelIds: string[] = [];
  for (let count = 0; count < 12; count += 1) {
    const { id } = await createChannel(database.db, { emailVerifiedAt: null });
    await createMember(database.db, id, { userId: admin.id });
    channelIds.push(id);
  }
  // Some get a webhook a second later than others, as traffic comes.
  for (let second = 0; second < 40; second += 1) {
    for (const [index, id] of channelIds.entries()) {
      if (second % 5 === index % 5) await fail(id, second);
    }
    await close(second + 0.5);
  }
  const [together, ...more] = await mailsTo(admin.email);
  expect(together?.subject).toBe("Messaging API: Errors in 12 channels");
  expect(secondsOf(together?.createdAt ?? new Date(0))).toBeLessThanOrEqual(30);
  expect(more).toEqual([]);
  // Those that were told of hold up nobody.
  const { id } = await createChannel(database.db, { name: "Late bot", emailVerifiedAt: null });
  await createMember(database.db, id, { userId: admin.id });
  await failAll(id, 50, 56, 62, 68);
  for (const channelId of channelIds) await fail(channelId, 69);
  await close(70);
  await close(74);
  expect((await mailsTo(admin.email)).map(({ subject }) => subject)).toEqual([
    "Messaging API: Errors in 12 channels",
    "Messaging API: Your bot server returned no response or an error - Late bot",
  ]);
});

test("the page promises the early mail, and it comes then", async ({ expect }) => {
  const { channelId, admin } = await channelWithAdmin();
  const policy = { ...testPolicy, ...early };
  const next = async (seconds: number) => {
    const { next: mail } = await readMailStanding(
      database.pool,
      channelId,
      policy,
      moment(seconds),
    );
    return mail && [mail.as, secondsOf(mail.at)];
  };
  await failAll(channelId, 0, 6);
  expect(await next(7)).toEqual(["first", 315]);
  await failAll(channelId, 12);
  expect(await next(13)).toEqual(["news", 24]);
  await close(20);
  expect(await next(21)).toEqual(["news", 24]);
  await close(24);
  const [mail] = await mailsTo(admin.email);
  expect(secondsOf(mail?.createdAt ?? new Date(0))).toBe(24);
  await fail(channelId, 30);
  expect((await next(31))?.[0]).toBe("reminder");
});

test("a worker that dies in the middle leaves everything to the next look", async ({ expect }) => {
  const { channelId, admin } = await channelWithAdmin();
  await failAll(channelId, 0, 6, 12, 18);
  const policy = { ...testPolicy, ...early };
  const dying = inTransaction(database.pool, async (client) => {
    expect(await closeEarly(client, "", { policy, now: moment(20) })).toMatchObject({ closed: 1 });
    throw new Error("killed");
  });
  await expect(dying).rejects.toThrow("killed");
  expect(await openOf(channelId)).toEqual([[0, 300, 4, "Connection failed"]]);
  await closeUntil(21, 30);
  expect(await windowsOf(channelId)).toEqual([[0, 21, 4, "ceased"]]);
  expect(await mailsTo(admin.email)).toHaveLength(1);
});

test("with many workers that close while others record, every error is counted and told once", async ({
  expect,
}) => {
  const { channelId } = await channelWithAdmin();
  let recorded = 0;
  for (let second = 0; second <= 60; second += 2) {
    await Promise.all([
      ...[0, 0.3, 0.6].map((part) => fail(channelId, second + part)),
      ...[0.7, 0.7, 0.7].map((part) => close(second + part)),
    ]);
    recorded += 3;
  }
  await close(500);
  await close(520);
  const windows = await windowsOf(channelId);
  expect(windows.filter(([, , , as]) => as === "ceased")).toHaveLength(1);
  expect(windows.reduce((sum, [, , count]) => sum + Number(count), 0)).toBe(recorded);
});
