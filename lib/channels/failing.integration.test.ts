import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { readMailStanding } from "#lib/notifications/read-standing.ts";
import type { NotificationPolicy } from "#lib/notifications/schema.ts";
import { errorMailTypes } from "#lib/notifications/standing.ts";
import {
  approveNotification,
  createChannel,
  createMember,
  createUser,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { countFailingOfAll, describeFailing, describeFailingOfAll } from "./failing.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const policy: NotificationPolicy = {
  access: "apply",
  windowMs: 300_000,
  earlyMs: 0,
  reminderPausesMs: [3_600_000],
  digestAbove: 5,
  digestPauseMs: 3_600_000,
  channelCapPerDay: 20,
  recipientCapPerHour: 100,
  displayTimeZone: "Asia/Tokyo",
};

const on = { useWebhook: true, webhookRedelivery: true, errorStatisticsAggregation: true } as const;

async function createFailing(overrides: Parameters<typeof createChannel>[1] = {}) {
  const { db } = database;
  const channel = await createChannel(db, { ...on, ...overrides });
  const user = await createUser(db);
  await createMember(db, channel.id, { userId: user.id });
  await db.$executeRaw`
    insert into endpoint_health (channel_id, failing_since, shown_since, last_failure_at, failed_count, reason, detail)
    select ${channel.id}, at, at, now(), 7, 'error_status_code', '503'
      from (select date_trunc('hour', now(), 'UTC') - interval '90 minutes' as at) began`;
  return { channel, user };
}

const describeOne = async (userId: string) => {
  const { channels } = await describeFailing(database, userId, 9, policy);
  const [one] = channels;
  if (one === undefined) throw new Error("nothing fails");
  return one;
};

test("an outage is told with its webhooks, however its hours lie, and what waits for redelivery", async () => {
  const { db } = database;
  const { channel, user } = await createFailing();
  // Half an hour before it began; in its first minutes; in a later hour.
  for (const [minutes, count] of [
    [-120, 40],
    [-85, 3],
    [-30, 2],
  ] as const) {
    await db.$executeRaw`
      insert into error_rows (channel_id, minute, reason, detail, error_count, first_attempt_count, first_at, last_at)
      select ${channel.id}, at, 'error_status_code', '503', ${count * 2}::int, ${count}::int, at, at
        from (select date_trunc('hour', now()) + make_interval(mins => ${minutes}::int) as at) minute`;
    await db.$executeRaw`
      insert into error_hours (channel_id, hour, reason, detail, error_count, first_attempt_count, first_at, last_at)
      select ${channel.id}, date_trunc('hour', at), 'error_status_code', '503', ${count * 2}::int, ${count}::int, at, at
        from (select date_trunc('hour', now()) + make_interval(mins => ${minutes}::int) as at) minute
      on conflict (channel_id, hour, reason, detail) do update set
        error_count = error_hours.error_count + excluded.error_count,
        first_attempt_count = error_hours.first_attempt_count + excluded.first_attempt_count`;
  }
  await db.$executeRaw`
    insert into webhook_queue (id, channel_id, lane, due_at, event_count, body)
    values (gen_random_uuid(), ${channel.id}, 1, now(), 1, '{}'), (gen_random_uuid(), ${channel.id}, 0, now(), 1, '{}')`;
  const one = await describeOne(user.id);
  expect(one).toMatchObject({ failedCount: 7, detail: "503", webhookCount: 5, waitingCount: 1 });
  expect(one.hourly).toHaveLength(24);
  expect(one.hourly.slice(-3)).toEqual([86, 4, 0]);
});

test("where errors are not counted, and nothing is sent again, no figure stands for it", async () => {
  const { user } = await createFailing({
    errorStatisticsAggregation: false,
    webhookRedelivery: false,
  });
  expect(await describeOne(user.id)).toMatchObject({ webhookCount: null, waitingCount: null });
});

test("what became of its error mails is what every page says, and why there are none", async () => {
  const { db } = database;
  const { channel, user } = await createFailing({ emailVerifiedAt: null });
  const standing = async () => {
    const { standing: said } = await describeOne(user.id);
    expect(said).toEqual(await readMailStanding(database.pool, channel.id, policy));
    return said;
  };
  expect(await standing()).toMatchObject({ barrier: { why: "not_applied" } });
  await approveNotification(db, channel.id);
  const nothing = { last: null, next: null, below: null, held: null };
  expect(await standing()).toEqual({ barrier: null, ...nothing });
  const wish = { channelId: channel.id, addressKey: user.email };
  await db.mailPreference.create({ data: { ...wish, mutedTypes: [...errorMailTypes] } });
  expect(await standing()).toMatchObject({ barrier: { why: "off" } });
  await db.mailPreference.deleteMany({ where: wish });
  const stopped = { addressKey: user.email, answer: "550 5.1.1 no such user" };
  await db.suppressedAddress.create({ data: stopped });
  expect(await standing()).toMatchObject({ barrier: { why: "nobody" } });
  await db.suppressedAddress.delete({ where: { addressKey: user.email } });
  const now = await db.$queryRaw<{ at: Date }[]>`select now() as at`;
  const at = now[0]?.at ?? new Date(0);
  const notification = await db.notification.create({
    data: {
      channelId: channel.id,
      ...{ type: "error_detected", key: "503", detectedAt: at, closedAt: at },
      ...{ reason: "error_status_code", detail: "503", errorCount: 7, settledAt: at },
    },
  });
  const mail = await db.mail.create({
    data: {
      ...{ recipient: "a@example.com", locale: "en", subject: "x", html: "x", text: "x" },
      ...{ state: "sent", messageId: `<${notification.id}@example.com>` },
    },
  });
  await db.notice.create({
    data: {
      notificationId: notification.id,
      channelId: channel.id,
      ...{ address: "a@example.com", addressKey: "a@example.com", locale: "en", mailId: mail.id },
    },
  });
  expect(await standing()).toMatchObject({
    last: { state: "sent", recipientCount: 1, ofCount: 1 },
  });
  // Nobody was mailed where no server took it.
  await db.mail.update({ where: { id: mail.id }, data: { state: "failed" } });
  expect(await standing()).toMatchObject({ last: { state: "failed" } });
});

test("operators see what fails on the platform, and lead on only where they have a role", async () => {
  const { db } = database;
  const { channel } = await createFailing();
  const operator = await createUser(db, { isOperator: true });
  const { channels } = await describeFailingOfAll(database, operator.id, 99, policy);
  const found = channels.find(({ entry }) => entry.id === channel.id);
  expect(found?.entry).toMatchObject({ role: null, health: null });
  expect(await countFailingOfAll(db)).toBe(channels.length);
  expect((await describeFailing(database, operator.id, 9, policy)).channels).toEqual([]);
});
