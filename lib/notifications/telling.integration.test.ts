import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";
import { type Database, inTransaction } from "#lib/db.ts";
import { closingOptions } from "#testing/closing-options.ts";
import {
  approveNotification,
  createChannel,
  createMember,
  createUser,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { closeDueWindows } from "./close-windows.ts";
import { countIntoWindows } from "./count-failures.ts";
import type { NotableFailure, NotificationPolicy } from "./schema.ts";

const start = Date.parse("2026-11-22T01:00:00Z");
const after = (seconds: number) => new Date(start + seconds * 1_000);
let database: Database;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate notification_windows, notifications, notices, mails, alerts, endpoint_health",
  );
});

const close = (seconds: number, policy: Partial<NotificationPolicy> = {}) =>
  closeDueWindows(database.pool, closingOptions(policy, { now: after(seconds) }));

function fail(
  channelIds: readonly string[],
  seconds: number,
  overrides: Partial<NotableFailure> = {},
) {
  const failures = channelIds.map((channelId) => ({
    channelId,
    type: "error_detected" as const,
    statusCode: 500,
    reason: "error_status_code" as const,
    detail: "500",
    occurredAt: after(seconds),
    errorCount: 1,
    ...overrides,
  }));
  return inTransaction(database.pool, (client) => countIntoWindows(client, failures, 300_000));
}

const mailsTo = (recipient: string) =>
  database.db.mail.findMany({ where: { recipient }, orderBy: { createdAt: "asc" } });
const untold = async () =>
  (await database.db.notification.findMany({ orderBy: { detectedAt: "asc" } })).map(
    (one) => one.untold,
  );

async function channelWithAdmin(overrides: Parameters<typeof createChannel>[1] = {}) {
  const channel = await createChannel(database.db, { emailVerifiedAt: null, ...overrides });
  const admin = await createUser(database.db);
  await createMember(database.db, channel.id, { userId: admin.id });
  return { channel, admin };
}

describe("1,000 channels failing at once", () => {
  test("send each person one mail, and each channel's own address its own", async ({ expect }) => {
    const people = await Promise.all([createUser(database.db), createUser(database.db)]);
    const { rows } = await database.pool.query<{ id: string }>(
      `with p as (insert into providers (id, name) values ('storm', 'Storm') returning id)
       insert into channels (id, provider_id, name, description, email, email_verified_at, bot_user_id, sealed_secret)
       select 'storm' || n, p.id, 'Bot ' || n, '', 'storm' || n || '@example.com', now(), 'U-storm' || n, '' from p, generate_series(1, 1000) n
       returning id`,
    );
    const ids = rows.map(({ id }) => id);
    await database.pool.query(
      "insert into channel_members (channel_id, user_id, role) select c, u, 'admin' from unnest($1::text[]) c, unnest($2::uuid[]) u",
      [ids, people.map(({ id }) => id)],
    );
    // Within a minute, as traffic comes; each goes on failing.
    for (let group = 0; group < 10; group += 1) {
      await fail(ids.slice(group * 100, group * 100 + 100), group * 6);
    }
    for (let seconds = 300; seconds <= 400; seconds += 10) await close(seconds);
    for (const { email } of people) {
      const [mail, ...more] = await mailsTo(email);
      expect(more).toEqual([]);
      expect(mail).toMatchObject({
        kind: "digest",
        subject: "Messaging API: Errors in 1000 channels",
      });
      expect(JSON.parse(mail?.text ?? "")).toMatchObject({
        ...{ channelCount: 1_000, moreCount: 950, moreErrorCount: 950 },
      });
    }
    expect(await database.db.mail.count({ where: { kind: "notification" } })).toBe(1_000);
    // All of it goes on for an hour: one more each, as a reminder.
    for (let seconds = 420; seconds < 4_000; seconds += 300) await fail(ids, seconds);
    for (let seconds = 720; seconds <= 4_700; seconds += 150) await close(seconds);
    for (const { email } of people) {
      const [, reminder, ...more] = await mailsTo(email);
      expect(more).toEqual([]);
      // The window of an hour later, and the eleven that were held before it.
      expect(JSON.parse(reminder?.text ?? "")).toMatchObject({ moreErrorCount: 950 * 12 });
    }
  });
});

test("an outage is told at once, then with growing pauses; windows and counts stay exact", async ({
  expect,
}) => {
  const { channel, admin } = await channelWithAdmin();
  let windows = 0;
  for (let seconds = 0; seconds < 8 * 3_600; seconds += 300) {
    await fail([channel.id], seconds);
    await fail([channel.id], seconds + 299);
    await close(seconds + 316);
    windows += 1;
  }
  const mails = await mailsTo(admin.email);
  const contents = mails.map((mail) => JSON.parse(mail.text));
  expect(contents.map((content) => content.detectedAt)).toEqual(
    [0, 3_600, 7 * 3_600].map((seconds) => after(seconds).toISOString()),
  );
  expect(contents.map((content) => [content.errorCount, content.reminder?.heldCount])).toEqual([
    [2, undefined],
    [2, 22],
    [2, 142],
  ]);
  const all = await database.db.notification.findMany();
  expect(all).toHaveLength(windows);
  expect(all.every((one) => one.errorCount === 2)).toBe(true);
});

describe("without the function", () => {
  const apply = { access: "apply" } as const;

  test("no mail goes out, and what was counted says why", async ({ expect }) => {
    const { channel } = await channelWithAdmin();
    await fail([channel.id], 0);
    expect(await close(400, apply)).toEqual({ windows: 1, mails: 0 });
    expect(await untold()).toEqual(["not_approved"]);
    expect(await database.db.alert.count()).toBe(0);
  });

  test("approval does not mail the past; withdrawal stops what is not written yet", async ({
    expect,
  }) => {
    const { channel, admin } = await channelWithAdmin();
    await fail([channel.id], 0);
    const grant = await approveNotification(database.db, channel.id, { decidedAt: after(100) });
    await close(400, apply);
    await fail([channel.id], 301);
    await close(700, apply);
    expect(await untold()).toEqual(["before_approval", null]);
    expect(await mailsTo(admin.email)).toHaveLength(1);
    await fail([channel.id], 5_000);
    await database.db.notificationGrant.update({
      where: { id: grant.id },
      data: { state: "withdrawn", holdsChannel: null },
    });
    await close(6_000, apply);
    expect(await untold()).toEqual(["before_approval", null, "not_approved"]);
  });
});

describe("recipients", () => {
  test("are verified, want the type, and are Admins when the mail is written", async ({
    expect,
  }) => {
    const { channel, admin } = await channelWithAdmin();
    const unverified = await createUser(database.db, { emailVerifiedAt: null });
    const muted = await createUser(database.db);
    const gone = await createUser(database.db);
    for (const { id: userId } of [unverified, muted]) {
      await createMember(database.db, channel.id, { userId });
    }
    await createMember(database.db, channel.id, { userId: gone.id, role: "member" });
    await database.db.mailPreference.create({
      data: { channelId: channel.id, addressKey: muted.email, mutedTypes: ["error_detected"] },
    });
    await fail([channel.id], 0);
    await fail([channel.id], 0, { type: "redelivery_stopped" });
    await close(400);
    const written = await database.db.mail.findMany({ select: { recipient: true, subject: true } });
    const short = written.map(({ recipient, subject }) => [recipient, subject.includes("stopped")]);
    expect(short.sort()).toEqual(
      [
        [admin.email, false],
        [admin.email, true],
        [muted.email, true],
      ].sort(),
    );
  });

  test("who unsubscribed get nothing; when nobody is left that is said", async ({ expect }) => {
    const { channel, admin } = await channelWithAdmin();
    await database.db.mailPreference.create({
      data: {
        channelId: channel.id,
        addressKey: admin.email,
        mutedTypes: [],
        unsubscribedAt: new Date(),
      },
    });
    await fail([channel.id], 0);
    await close(400);
    expect(await untold()).toEqual(["nobody"]);
    expect(await database.db.mail.count()).toBe(0);
  });

  test("that a server refused for good are not sent to, and the mail says why", async ({
    expect,
  }) => {
    const { channel, admin } = await channelWithAdmin();
    await database.db.suppressedAddress.create({
      data: { addressKey: admin.email, answer: "550 5.1.1 no such user" },
    });
    await fail([channel.id], 0);
    await close(400);
    expect(await mailsTo(admin.email)).toMatchObject([
      { state: "suppressed", lastError: "The address is stopped: 550 5.1.1 no such user" },
    ]);
  });
});

test("a recovery is told once, when it has lasted, to those who were told of the outage", async ({
  expect,
}) => {
  const { channel, admin } = await channelWithAdmin();
  await fail([channel.id], 0);
  await close(400);
  await database.pool.query(
    `insert into endpoint_health (channel_id, last_failure_at, failed_count, reason, detail, recovered_at, recovered_since, recovered_count)
     values ($1, $2, 0, 'error_status_code', '500', $3, $4, 17)`,
    [channel.id, after(600), after(900), after(0)],
  );
  await close(1_219);
  expect(await mailsTo(admin.email)).toHaveLength(1);
  await Promise.all([close(1_240), close(1_240), close(1_240)]);
  await close(1_300);
  const [, mail, ...more] = await mailsTo(admin.email);
  expect(more).toEqual([]);
  expect(mail?.subject).toBe(`Messaging API: Your bot server has recovered - ${channel.name}`);
  expect(JSON.parse(mail?.text ?? "")).toMatchObject({
    errorCount: 17,
    detectedAt: after(0).toISOString(),
    closedAt: after(900).toISOString(),
  });
});

test("a channel with nothing but alert targets is told with the same pauses", async ({
  expect,
}) => {
  const { id: channelId } = await createChannel(database.db, { emailVerifiedAt: null });
  await database.db.alertTarget.create({
    data: { channelId, kind: "slack", name: "Team", sealedUrl: "", host: "alerts.example.com" },
  });
  for (let seconds = 0; seconds < 3_000; seconds += 300) {
    await fail([channelId], seconds);
    await close(seconds + 316);
  }
  expect(await database.db.alert.count({ where: { channelId } })).toBe(1);
  expect((await untold()).filter((reason) => reason === "reminder_pause")).toHaveLength(9);
});

test("above six mails a day about one channel the rest becomes a digest", async ({ expect }) => {
  const { channel, admin } = await channelWithAdmin();
  for (let code = 500; code < 510; code += 1) {
    await fail([channel.id], 0, { statusCode: code, detail: String(code) });
  }
  await close(400);
  expect((await mailsTo(admin.email)).map((mail) => mail.kind)).toEqual(
    Array.from({ length: 6 }, () => "notification"),
  );
  await close(800);
  const [digest, ...more] = (await mailsTo(admin.email)).slice(6);
  expect(more).toEqual([]);
  expect(digest).toMatchObject({ kind: "digest", channelId: channel.id });
  expect(JSON.parse(digest?.text ?? "").lines).toHaveLength(4);
});
