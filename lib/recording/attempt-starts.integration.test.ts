import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { countAttempts } from "#lib/notifications/attempt-starts.ts";
import { closeDueWindows } from "#lib/notifications/close-windows.ts";
import type { ClaimedWebhook } from "#lib/queue/claim.ts";
import { closingOptions } from "#testing/closing-options.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptSome, claimSome, deliveredOutcome, failedOutcome } from "#testing/test-webhooks.ts";
import { recordDelivered } from "./record-delivered.ts";
import { recordErrors } from "./record-errors.ts";

const start = Date.parse("2026-11-22T01:00:00Z");
const moment = (seconds: number) => new Date(start + seconds * 1_000);
let database: Database;
let channelId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate webhook_queue, ready_channels, webhooks, webhook_attempts, attempt_starts, notification_windows, notifications, notices, mails, alerts, endpoint_health",
  );
  // Statistics are off: a share does not hang on them.
  ({ id: channelId } = await createChannel(database.db, {
    ...{ webhookUrl: "https://bot.example.com/webhook", useWebhook: true },
  }));
  await database.db.notificationThreshold.create({
    data: { channelId, kind: "share", value: 10, countedFrom: new Date(0) },
  });
});

async function claim(count: number, of = channelId): Promise<ClaimedWebhook[]> {
  await acceptSome(database.pool, of, count);
  return claimSome(database.pool);
}

const deliver = (claimed: readonly ClaimedWebhook[], startedAt: Date) =>
  recordDelivered(
    database.pool,
    claimed.map((webhook) => ({ webhook, outcome: { ...deliveredOutcome(), startedAt } })),
  );

const fail = (claimed: readonly ClaimedWebhook[], startedAt: Date) =>
  recordErrors(
    database.pool,
    claimed.map((webhook) => ({ webhook, outcome: { ...failedOutcome(500), startedAt } })),
    { scheduleMs: [], notificationWindowMs: 300_000, random: () => 0.5 },
  );

const counted = async (of = channelId): Promise<number> => {
  const stretch = { id: "all", channelId: of, from: new Date(0), to: moment(86_400) };
  return (await countAttempts(database.pool, [stretch])).get("all") ?? 0;
};

test("each outcome of a channel with a share is counted as an attempt, once, and of other channels none", async () => {
  const { id: other } = await createChannel(database.db, {
    ...{ webhookUrl: "https://bot.example.com/other", useWebhook: true },
  });
  await deliver([...(await claim(30)), ...(await claim(5, other))], moment(1));
  const failed = await claim(4);
  await fail(failed, moment(2));
  expect(await counted()).toBe(34);
  expect(await counted(other)).toBe(0);
  // The lease is gone: whoever records again counts nothing.
  await fail(failed, moment(2));
  await deliver(failed, moment(2));
  expect(await counted()).toBe(34);
  await database.db.notificationThreshold.update({
    where: { channelId },
    data: { kind: "count" },
  });
  await deliver(await claim(3), moment(3));
  expect(await counted()).toBe(34);
});

test("what fails to be recorded leaves no attempt behind", async () => {
  const claimed = await claim(3);
  await database.pool.query(
    "alter table webhooks add constraint stuck check (attempts < 1) not valid",
  );
  await expect(deliver(claimed, moment(1))).rejects.toThrow("stuck");
  await expect(fail(claimed, moment(1))).rejects.toThrow("stuck");
  await database.pool.query("alter table webhooks drop constraint stuck");
  expect(await counted()).toBe(0);
});

test("2 failed of 20 attempts are told at a tenth, 2 of 21 are not", async () => {
  const untold = async () =>
    (await database.db.notification.findMany({ orderBy: { detectedAt: "asc" } })).map(
      (one) => one.untold,
    );
  const settle = (seconds: number) =>
    closeDueWindows(database.pool, closingOptions({}, { now: moment(seconds) }));
  await deliver(await claim(5), moment(-1));
  await fail(await claim(2), moment(0));
  await deliver(await claim(17), moment(1));
  await deliver(await claim(1), new Date(moment(300).getTime() - 1));
  await deliver(await claim(7), moment(300));
  await settle(320);
  expect(await untold()).toEqual([null]);
  await fail(await claim(2), moment(400));
  await deliver(await claim(19), moment(401));
  await settle(720);
  expect(await untold()).toEqual([null, "below_threshold"]);
});
