import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";
import type { LikelyCause } from "#lib/causes/schema.ts";
import { type Database, inTransaction } from "#lib/db.ts";
import { closingOptions } from "#testing/closing-options.ts";
import { createErrors, type MadeError, makeError } from "#testing/error-factory.ts";
import { createChannel, createMember, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { closeDueWindows } from "./close-windows.ts";
import { countIntoWindows } from "./count-failures.ts";
import type { ClosingOptions, NotableFailure } from "./schema.ts";

const windowMs = 300_000;
const start = Date.parse("2026-11-22T01:00:00Z");
const after = (seconds: number) => new Date(start + seconds * 1_000);
let database: Database;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query("truncate notification_windows, notifications, notices, mails, alerts");
});

const options = closingOptions();

const close = (seconds: number, change: Partial<ClosingOptions> = {}) =>
  closeDueWindows(database.pool, { ...options, ...change, now: after(seconds) });

function fail(channelId: string, seconds: number, overrides: Partial<NotableFailure> = {}) {
  const failure: NotableFailure = {
    channelId,
    type: "error_detected",
    statusCode: 500,
    reason: "error_status_code",
    detail: "500",
    occurredAt: after(seconds),
    errorCount: 1,
    ...overrides,
  };
  return inTransaction(database.pool, (client) => countIntoWindows(client, [failure], windowMs));
}

const refused = {
  reason: "could_not_connect",
  detail: "Connection failed",
  statusCode: null,
} as const;
function stored(seconds: number, likelyCause: LikelyCause | null, error: Partial<MadeError> = {}) {
  const failed = { reason: "error_status_code", detail: "500", statusCode: 500 } as const;
  return makeError({ ...failed, ...error, occurredAt: after(seconds), likelyCause });
}

const period = (channelId: string, from: number, to: number | null) => ({
  ...{ channelId, startedAt: after(from), endedAt: to === null ? null : after(to) },
});

const mails = () =>
  database.db.mail.findMany({ orderBy: [{ createdAt: "asc" }, { recipient: "asc" }] });

describe("closing a window", () => {
  test("writes nothing before its end and the pause for late records, and one mail after it", async ({
    expect,
  }) => {
    const channel = await createChannel(database.db, {
      name: "Orders bot",
      email: "bot@example.com",
    });
    await fail(channel.id, 0);
    await fail(channel.id, 299);
    expect(await close(299.999)).toEqual({ windows: 0, mails: 0 });
    expect(await close(300)).toEqual({ windows: 1, mails: 0 });
    expect(await close(314.999)).toEqual({ windows: 0, mails: 0 });
    expect(await close(315)).toEqual({ windows: 0, mails: 1 });
    expect(await close(1_000)).toEqual({ windows: 0, mails: 0 });
    const [mail] = await mails();
    expect(mail).toMatchObject({
      recipient: "bot@example.com",
      subject: "Messaging API: Your bot server returned no response or an error - Orders bot",
      state: "queued",
      locale: "en",
      messageId: expect.stringMatching(/^<[0-9a-f-]{36}\.[0-9a-f]{32}@mail\.example>$/),
    });
    expect(JSON.parse(mail?.text ?? "")).toMatchObject({
      channelId: channel.id,
      reason: "error_status_code",
      detail: "500",
      statusCode: 500,
      errorCount: 2,
      detectedAt: "2026-11-22T01:00:00.000Z",
      closedAt: "2026-11-22T01:05:00.000Z",
      timeZone: "Asia/Tokyo",
    });
  });

  test("tells the likely cause of most of the errors that its mail names", async ({ expect }) => {
    const channel = await createChannel(database.db, { email: "bot@example.com" });
    await createErrors(database.pool, channel.id, [
      ...[-3, -2, -1, 300, 301, 302].map((seconds) => stored(seconds, "maintenance")),
      stored(0, "handler_fails_sometimes"),
      stored(1, "signature_breaks_handler"),
      stored(2, "signature_breaks_handler"),
      stored(3, null),
      ...[4, 5, 6].map((seconds) => stored(seconds, "port_refused", refused)),
    ]);
    await fail(channel.id, 0);
    await close(315);
    const [mail] = await mails();
    expect(JSON.parse(mail?.text ?? "")).toMatchObject({ likelyCause: "signature_breaks_handler" });
  });

  test.for([
    [true, -600, null],
    [true, 100, 200],
    [false, -600, -300],
    [false, 400, null],
  ] as const)(
    "knows whether its errors are to be seen: %s where they were counted from %s to %s",
    async ([isCounted, from, to], { expect }) => {
      const channel = await createChannel(database.db, { email: "bot@example.com" });
      await database.db.countingPeriod.create({ data: period(channel.id, from, to) });
      await fail(channel.id, 0);
      await close(315);
      const [mail] = await mails();
      expect(JSON.parse(mail?.text ?? "")).toMatchObject({ isCounted });
    },
  );

  test("tells no cause where none is kept", async ({ expect }) => {
    const channel = await createChannel(database.db, { email: "bot@example.com" });
    await fail(channel.id, 0);
    await close(315);
    const [mail] = await mails();
    expect(JSON.parse(mail?.text ?? "")).toMatchObject({ likelyCause: null });
  });

  test("counts a failure that is recorded late, as long as the mails are not written", async ({
    expect,
  }) => {
    const channel = await createChannel(database.db);
    await fail(channel.id, 0);
    await close(301);
    await fail(channel.id, 298);
    expect(await close(315)).toEqual({ windows: 0, mails: 1 });
    const [mail] = await mails();
    expect(JSON.parse(mail?.text ?? "")).toMatchObject({ errorCount: 2 });
  });

  test("writes one mail per status code, none of them, and type", async ({ expect }) => {
    const channel = await createChannel(database.db);
    const silent = {
      statusCode: null,
      reason: "request_timeout",
      detail: "Request timeout",
    } as const;
    await fail(channel.id, 0);
    await fail(channel.id, 1, { statusCode: 503, detail: "503" });
    await fail(channel.id, 2, silent);
    await fail(channel.id, 3, { type: "redelivery_stopped" });
    expect(await close(400)).toEqual({ windows: 4, mails: 4 });
    const stopped = (await mails()).filter((mail) => mail.subject.includes("redelivery stopped"));
    expect(stopped.map((mail) => mail.subject)).toEqual([
      `Messaging API: Webhook redelivery stopped - ${channel.name}`,
    ]);
  });

  test("keeps the mails for operators when there is no mail server", async ({ expect }) => {
    const channel = await createChannel(database.db);
    await fail(channel.id, 0);
    await close(400, { keep: true });
    expect((await mails()).map((mail) => mail.state)).toEqual(["kept"]);
  });

  test("writes no mail for a channel that is gone, and does not come back to it", async ({
    expect,
  }) => {
    await fail("9999999999", 0);
    expect(await close(400)).toEqual({ windows: 1, mails: 0 });
    expect(await database.db.notification.count({ where: { settledAt: null } })).toBe(0);
  });

  test("undoes everything when a mail cannot be written, and writes it at the next call", async ({
    expect,
  }) => {
    const channel = await createChannel(database.db);
    await fail(channel.id, 0);
    const broken = async () => {
      throw new Error("no template");
    };
    await expect(close(400, { render: broken })).rejects.toThrow("no template");
    expect(await mails()).toEqual([]);
    expect(await close(400)).toEqual({ windows: 0, mails: 1 });
  });

  test("by many closers at once writes each mail once", async ({ expect }) => {
    const channels = await Promise.all(
      Array.from({ length: 45 }, () => createChannel(database.db)),
    );
    for (const { id } of channels) await fail(id, 0);
    const reports = await Promise.all(Array.from({ length: 6 }, () => close(400)));
    await close(400);
    expect(reports.reduce((sum, report) => sum + report.windows, 0)).toBe(45);
    const written = await mails();
    expect(written).toHaveLength(45);
    expect(new Set(written.map((mail) => mail.channelId)).size).toBe(45);
  });
});

describe("recipients", () => {
  test("are the channel's address and every Admin, each address once, in their own language and zone", async ({
    expect,
  }) => {
    const channel = await createChannel(database.db, { email: "Team@Example.com" });
    const people = [
      { email: "hana@example.com", locale: "ja", timeZone: "Asia/Tokyo" },
      { email: "team@example.com", locale: "ja", timeZone: "Europe/Berlin" },
      { email: "kim@example.com", locale: "en", timeZone: null },
      { email: "gone@example.com", disabledAt: new Date() },
    ];
    for (const person of people) {
      const user = await createUser(database.db, person);
      await createMember(database.db, channel.id, { userId: user.id, role: "admin" });
    }
    await createMember(database.db, channel.id, { role: "member" });
    await createMember(database.db, channel.id, { role: "tester" });
    await fail(channel.id, 0);
    await close(400);
    const written = (await mails()).map((mail) => ({
      recipient: mail.recipient,
      locale: mail.locale,
      zone: JSON.parse(mail.text).timeZone,
    }));
    expect(written.sort((a, b) => (a.recipient < b.recipient ? -1 : 1))).toEqual([
      { recipient: "hana@example.com", locale: "ja", zone: "Asia/Tokyo" },
      { recipient: "kim@example.com", locale: "en", zone: "Asia/Tokyo" },
      { recipient: "team@example.com", locale: "ja", zone: "Europe/Berlin" },
    ]);
  });

  test("with an address no mail server should see are shown as failed; the others get theirs", async ({
    expect,
  }) => {
    const channel = await createChannel(database.db, {
      email: "x@example.com\r\nRCPT TO:<victim@example.com>",
    });
    const admin = await createUser(database.db);
    await createMember(database.db, channel.id, { userId: admin.id });
    await fail(channel.id, 0);
    await close(400);
    expect((await mails()).map((mail) => [mail.recipient, mail.state, mail.lastError])).toEqual(
      expect.arrayContaining([
        [admin.email, "queued", null],
        [channel.email, "failed", "This is not a valid mail address."],
      ]),
    );
  });
});

test("the notifications of one outage share a thread; after an hour of quiet a new one begins", async ({
  expect,
}) => {
  const channel = await createChannel(database.db);
  await fail(channel.id, 0);
  await fail(channel.id, 300);
  await fail(channel.id, 310, { type: "redelivery_stopped" });
  await close(1_000);
  await fail(channel.id, 610 + 3_600);
  await close(10_000);
  const threads = (await database.db.notification.findMany({ orderBy: { detectedAt: "asc" } })).map(
    (one, _at, all) => all.findIndex((other) => other.id === one.threadId),
  );
  expect(threads).toEqual([0, 0, 0, 3]);
});

test("a channel's name cannot add lines to a mail", async ({ expect }) => {
  const channel = await createChannel(database.db, {
    name: "Orders\r\nBcc: victim@example.com\u2028\u202eevil",
  });
  await fail(channel.id, 0);
  await close(400);
  const [mail] = await mails();
  expect(mail?.subject).toBe(
    "Messaging API: Your bot server returned no response or an error - Orders Bcc: victim@example.com evil",
  );
  expect(mail?.html).toBe("<p>Orders Bcc: victim@example.com evil</p>");
});
