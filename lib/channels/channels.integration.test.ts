import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stepCancellation } from "#lib/cancellations/step.ts";
import type { Database } from "#lib/db.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import type { Prisma } from "#prisma/generated/client.ts";
import {
  actorOf,
  createMember,
  createProvider,
  createProviderMember,
  createUser,
  createChannel as makeChannel,
  testActor,
  testEncryptionKey,
} from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { createChannel, deleteChannel, setWebhookUrl } from "./commands.ts";
import { countHealth } from "./health.ts";
import { revealSecrets } from "./issue-secret.ts";
import { listOwnChannels } from "./list.ts";
import { findChannelOf } from "./queries.ts";
import { turnSwitch, turnSwitchAsking } from "./switch.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const url = "https://bot.example.com/webhook";
const periodsOf = (channelId: string) =>
  database.db.countingPeriod.findMany({ where: { channelId }, orderBy: { startedAt: "asc" } });

test("who creates a channel is its Admin, and the secret is not stored in the clear", async () => {
  const { db } = database;
  const [user, provider] = await Promise.all([createUser(db), createProvider(db)]);
  await createProviderMember(db, provider.id, { userId: user.id });
  const { channelId } = await createChannel(db, testEncryptionKey, actorOf(user), {
    providerId: provider.id,
    name: "Orders bot",
    description: "Takes orders.",
    email: "bot@example.com",
  });
  const found = await findChannelOf(db, user.id, channelId);
  expect(found).toMatchObject({ role: "admin", channel: { useWebhook: false } });
  expect(channelId).toMatch(/^[1-9]\d{9}$/);
  expect(found?.channel.botUserId).toMatch(/^U[0-9a-f]{32}$/);

  const { current, next } = await revealSecrets(db, testEncryptionKey, channelId);
  expect(current).toMatch(/^[0-9a-f]{32}$/);
  expect(next).toBeNull();
  const row = await db.channel.findUniqueOrThrow({ where: { id: channelId } });
  expect(row.sealedSecret).not.toContain(current);
});

test("a private Webhook URL is refused at its field and not saved", async () => {
  const { db } = database;
  const channel = await makeChannel(db);
  const policy = createTargetPolicy({ allowTargets: [], allowHttp: false });
  await expect(
    setWebhookUrl(db, policy, testActor, channel.id, "https://169.254.169.254/latest"),
  ).rejects.toMatchObject({
    key: "url_private_target",
    details: [{ property: "webhookUrl" }],
  });
  await setWebhookUrl(db, policy, testActor, channel.id, url);
  const { webhookUrl } = await db.channel.findUniqueOrThrow({ where: { id: channel.id } });
  expect(webhookUrl).toBe(url);
});

test("Use webhook cannot be turned on without a Webhook URL", async () => {
  const { db } = database;
  const channel = await makeChannel(db);
  await expect(turnSwitch(db, testActor, channel.id, "useWebhook", true)).rejects.toMatchObject({
    key: "no_webhook_url",
  });
  await db.channel.update({ where: { id: channel.id }, data: { webhookUrl: url } });
  await turnSwitch(db, testActor, channel.id, "useWebhook", true);
  const { useWebhook } = await db.channel.findUniqueOrThrow({ where: { id: channel.id } });
  expect(useWebhook).toBe(true);
});

test("aggregation opens one counting period and closes it, however often it is pressed", async () => {
  const { db } = database;
  const { id } = await makeChannel(db);
  const press = (on: boolean) => turnSwitch(db, testActor, id, "errorStatisticsAggregation", on);
  await Promise.all([press(true), press(true), press(true)]);
  expect(await periodsOf(id)).toMatchObject([{ endedAt: null }]);
  await Promise.all([press(false), press(false)]);
  expect(await periodsOf(id)).toMatchObject([{ endedAt: expect.any(Date) }]);
  await press(true);
  expect(await periodsOf(id)).toMatchObject([{ endedAt: expect.any(Date) }, { endedAt: null }]);
});

async function queueWebhook(channelId: string, lane: 0 | 1): Promise<void> {
  // A version-7 UUID: its time is when the webhook was accepted.
  const time = Date.now().toString(16).padStart(12, "0");
  const id = `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
  await database.db.queuedWebhook.create({
    data: {
      id,
      channelId,
      lane,
      dueAt: new Date(Date.now() + 60_000),
      attempt: lane,
      failures: lane,
      eventCount: 1,
      body: "{}",
    },
  });
}

test("turning Webhook redelivery off ends waiting redeliveries and nothing else", async () => {
  const { db } = database;
  const { id } = await makeChannel(db, {
    webhookUrl: url,
    useWebhook: true,
    webhookRedelivery: true,
  });
  await queueWebhook(id, 0);
  await queueWebhook(id, 1);
  expect(await turnSwitch(db, testActor, id, "webhookRedelivery", false)).toEqual({
    endedCount: 1,
    isEndingMore: false,
  });
  expect(await db.webhook.findMany({ where: { channelId: id } })).toMatchObject([
    { state: "cancelled" },
  ]);
  expect(await db.queuedWebhook.count({ where: { channelId: id } })).toBe(1);
  expect(await turnSwitch(db, testActor, id, "useWebhook", false)).toEqual({
    endedCount: 1,
    isEndingMore: false,
  });
  expect(await db.queuedWebhook.count({ where: { channelId: id } })).toBe(0);
});

test("a switch that cancels what waits asks a person first, says how many, and does nothing until it is meant", async () => {
  const { db } = database;
  const { id } = await makeChannel(db, {
    ...{ webhookUrl: url, useWebhook: true, webhookRedelivery: true },
  });
  const press = (name: "useWebhook" | "webhookRedelivery", isMeant: boolean) =>
    turnSwitchAsking(db, testActor, id, { name, on: false, isMeant });
  for (const lane of [0, 1, 1] as const) await queueWebhook(id, lane);
  expect(await press("webhookRedelivery", false)).toEqual({ wouldCancel: 2 });
  expect(await press("useWebhook", false)).toEqual({ wouldCancel: 3 });
  expect(await db.queuedWebhook.count({ where: { channelId: id } })).toBe(3);
  expect(await press("useWebhook", true)).toEqual({ endedCount: 3, isEndingMore: false });
  // Nothing waits, nothing to ask.
  expect(await press("webhookRedelivery", false)).toEqual({ endedCount: 0, isEndingMore: false });
  // By hand webhooks can be redelivered all the same: a switch that stands so already cancels none, and does not ask.
  await queueWebhook(id, 1);
  const { redeliveryEpoch: epoch } = await db.channel.findUniqueOrThrow({ where: { id } });
  await db.queuedWebhook.updateMany({ where: { channelId: id }, data: { epoch } });
  expect(await press("webhookRedelivery", false)).toEqual({ endedCount: 0, isEndingMore: false });
  expect(await db.queuedWebhook.count({ where: { channelId: id } })).toBe(1);
  const states = { where: { id }, select: { useWebhook: true, webhookRedelivery: true } };
  expect(await db.channel.findUnique(states)).toEqual({
    ...{ useWebhook: false, webhookRedelivery: false },
  });
});

test("a channel is deleted only when its name was typed, with roles and counts, and what waits ends", async () => {
  const { db } = database;
  const channel = await makeChannel(db, { name: "Orders bot", errorStatisticsAggregation: true });
  const { userId } = await createMember(db, channel.id);
  await queueWebhook(channel.id, 1);
  await addErrors(channel.id, 0, 3);
  await expect(deleteChannel(db, testActor, channel.id, "orders bot")).rejects.toMatchObject({
    key: "name_mismatch",
  });
  await deleteChannel(db, testActor, channel.id, "Orders bot");
  expect(await findChannelOf(db, userId, channel.id)).toBeNull();
  expect(await db.queuedWebhook.count({ where: { channelId: channel.id } })).toBe(0);
  while ((await stepCancellation(database.pool)) !== null);
  expect(await db.errorHour.count({ where: { channelId: channel.id } })).toBe(0);
});

async function addErrors(channelId: string, minutesAgo: number, count: number): Promise<void> {
  const at = new Date(Date.now() - minutesAgo * 60_000);
  const minute = new Date(Math.floor(at.getTime() / 60_000) * 60_000);
  const hour = new Date(Math.floor(at.getTime() / 3_600_000) * 3_600_000);
  const counts = { errorCount: count, firstAttemptCount: count };
  await database.db.errorRow.create({
    data: {
      channelId,
      minute,
      reason: "could_not_connect",
      detail: "Connection failed",
      firstAt: at,
      lastAt: at,
      ...counts,
    },
  });
  const key = {
    channelId,
    hour,
    reason: "could_not_connect",
    detail: "Connection failed",
  } as const;
  await database.db.errorHour.upsert({
    where: { channelId_hour_reason_detail: key },
    create: { ...key, firstAt: at, lastAt: at, ...counts },
    update: { errorCount: { increment: count }, firstAttemptCount: { increment: count } },
  });
}

test("a channel's state follows its switch, its errors and how its bot server stands, counted or not", async () => {
  const { db } = database;
  const at = new Date();
  const longAgo = new Date(at.getTime() - 2 * 3_600_000);
  const health = { failedCount: 1, reason: "request_timeout", detail: "Request timeout" } as const;
  const standingOf = async (
    useWebhook: boolean,
    known: Partial<Prisma.EndpointHealthUncheckedCreateInput> | null,
  ) => {
    const { id } = await makeChannel(db, { webhookUrl: url, useWebhook });
    if (known !== null) {
      await db.endpointHealth.create({
        data: { ...health, channelId: id, lastFailureAt: at, ...known },
      });
    }
    return id;
  };
  const none = { failingSince: null, errorCount: 0 };
  expect([...(await countHealth(db, [await standingOf(false, null)])).values()]).toEqual([
    { ...none, state: "webhook_off" },
  ]);
  const unused = await standingOf(true, null);
  const healthy = await standingOf(true, null);
  await db.deliveredHour.create({
    data: { channelId: healthy, hour: new Date(0), deliveredCount: 1 },
  });
  const some = await standingOf(true, null);
  await addErrors(some, 120, 9);
  const shown = { shownSince: at, goodLeft: 3 };
  const ids = [
    unused,
    healthy,
    some,
    await standingOf(true, { failingSince: at }),
    await standingOf(true, { failingSince: at, ...shown }),
    await standingOf(true, { judgedUntil: at, ...shown }),
    await standingOf(true, { judgedUntil: longAgo, ...shown, shownSince: longAgo }),
    await standingOf(true, { failingSince: at, suspendedAt: at, ...shown }),
  ];
  const standing = await countHealth(db, ids);
  expect(ids.map((id) => standing.get(id))).toEqual([
    { ...none, state: "no_events" },
    { ...none, state: "healthy" },
    { ...none, state: "some_errors", errorCount: 9 },
    { ...none, state: "some_errors" },
    { ...none, state: "failing", failingSince: at },
    { ...none, state: "failing", failingSince: at },
    { ...none, state: "healthy" },
    { ...none, state: "suspended" },
  ]);
});

test("a Tester's list of channels carries no state", async () => {
  const { db } = database;
  const channel = await makeChannel(db);
  const user = await createUser(db);
  await createMember(db, channel.id, { userId: user.id, role: "tester" });
  const { entries } = await listOwnChannels(db, user.id);
  expect(entries).toMatchObject([{ id: channel.id, health: null }]);
});
