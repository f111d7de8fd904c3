import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { AppError } from "#lib/app-error.ts";
import { setWebhookUrl } from "#lib/channels/commands.ts";
import { turnSwitch } from "#lib/channels/switch.ts";
import type { Database } from "#lib/db.ts";
import { closeDueWindows } from "#lib/notifications/close-windows.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { type ClaimedWebhook, claimWebhooks, lanes } from "#lib/queue/claim.ts";
import { endUnsent } from "#lib/queue/end-unsent.ts";
import { recordDelivered } from "#lib/recording/record-delivered.ts";
import { type Failed, recordErrors } from "#lib/recording/record-errors.ts";
import { createTargetPolicy } from "#lib/targets/policy.ts";
import { closingOptions } from "#testing/closing-options.ts";
import { createChannel, createMember, testActor } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { resumeSending } from "./commands.ts";
import { findEndpointHealth } from "./queries.ts";
import { takeHealthSteps } from "./take-steps.ts";

const hour = 3_600_000;
const limitMs = 72 * hour;
const warns = { limitMs, suspends: false };
const suspends = { limitMs, suspends: true };
// Four days ago: attempts and the steps that follow from them lie in the past, as the database sees it.
const start = Date.now() - 96 * hour;
const after = (hours: number, ms = 0) => new Date(start + hours * hour + ms);

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate webhook_queue, ready_channels, webhooks, webhook_attempts, endpoint_health, notifications, notices, alerts, mails, notification_windows",
  );
});

const newChannel = (overrides: Parameters<typeof createChannel>[1] = {}) =>
  createChannel(database.db, {
    webhookUrl: "https://bot.example.com/webhook",
    useWebhook: true,
    ...overrides,
  });

const accept = (channelId: string) =>
  acceptWebhooks(database.pool, [
    { channelId, events: ['{"type":"follow"}'], idempotencyKey: null },
  ]);

const claim = (lane: 0 | 1 = lanes.first) =>
  claimWebhooks(database.pool, {
    lane,
    turnsMax: 100,
    leaseMs: 20_000,
    excluded: [],
    share: (channelIds) => channelIds.map(() => 10),
    doubtfulMax: 1,
    onSetAside: () => undefined,
  });

/** A webhook that a worker has in hand. */
async function inHand(channelId: string): Promise<ClaimedWebhook> {
  const [result] = await accept(channelId);
  if (result === undefined || result instanceof AppError) throw new Error("it was not accepted");
  const webhook = (await claim()).find((one) => one.id === result.webhookId);
  if (webhook === undefined) throw new Error("it was not claimed");
  return webhook;
}

const seen = (startedAt: Date) => ({
  startedAt,
  times: { total: 12 },
  note: null,
  seen: { phase: "answer" as const },
  protocol: null,
  remoteAddress: null,
  retryAfterMs: null,
  response: { headers: [], body: Buffer.alloc(0) },
});

const failed = (webhook: ClaimedWebhook, startedAt: Date): Failed => ({
  webhook,
  outcome: {
    ...seen(startedAt),
    state: "error",
    error: { reason: "error_status_code", detail: "503", statusCode: 503 },
  },
});

const writeErrors = (...all: Failed[]) =>
  recordErrors(database.pool, all, {
    scheduleMs: [5_000],
    notificationWindowMs: 300_000,
    random: () => 0.5,
  });

const writeDelivered = (...all: { webhook: ClaimedWebhook; startedAt: Date }[]) =>
  recordDelivered(
    database.pool,
    all.map(({ webhook, startedAt }) => ({
      webhook,
      outcome: { ...seen(startedAt), state: "delivered" as const, statusCode: 200 },
    })),
  );

const fail = async (channelId: string, startedAt: Date) =>
  writeErrors(failed(await inHand(channelId), startedAt));

const deliver = async (channelId: string, startedAt: Date) =>
  writeDelivered({ webhook: await inHand(channelId), startedAt });

const health = (channelId: string) => findEndpointHealth(database.db, channelId);
const takeSteps = (policy = warns, now?: Date) => takeHealthSteps(database, policy, now);
const states = async (channelId: string): Promise<string[]> =>
  (
    await database.pool.query("select state from webhooks where channel_id = $1 order by state", [
      channelId,
    ])
  ).rows.map((row) => row.state);
const notes = async (channelId: string) =>
  database.db.notification.findMany({
    where: { channelId, type: "endpoint_failing" },
    orderBy: { closedAt: "asc" },
    select: { key: true, detectedAt: true, closedAt: true, errorCount: true, detail: true },
  });

test("a bot server fails since its first failed attempt after the last delivered one, counted or not", async () => {
  for (const errorStatisticsAggregation of [true, false]) {
    const { id } = await newChannel({ errorStatisticsAggregation });
    expect(await health(id)).toEqual({ state: "delivering", recovered: null });
    await fail(id, after(0));
    await deliver(id, after(1));
    await fail(id, after(2));
    await fail(id, after(3));
    expect(await health(id)).toEqual({
      state: "failing",
      since: after(2),
      lastFailureAt: after(3),
      failedCount: 2,
      reason: "error_status_code",
      detail: "503",
    });
  }
});

test("a delivery that started before the first failure does not end the outage, one that started after it does", async () => {
  const { id } = await newChannel();
  const [early, failing, late] = [await inHand(id), await inHand(id), await inHand(id)];
  await writeErrors(failed(failing, after(0, 500)));
  await writeDelivered({ webhook: early, startedAt: after(0, 499) });
  expect(await health(id)).toMatchObject({ state: "failing", since: after(0, 500) });
  await writeDelivered({ webhook: late, startedAt: after(0, 501) });
  expect(await health(id)).toEqual({ state: "delivering", recovered: null });
});

test("failures that are recorded late count only from the last delivery on", async () => {
  const { id } = await newChannel();
  const [before, later, older] = [await inHand(id), await inHand(id), await inHand(id)];
  await fail(id, after(0));
  await deliver(id, after(1));
  await writeErrors(failed(before, after(0, 900)));
  expect(await health(id)).toMatchObject({ state: "delivering" });
  await writeErrors(failed(later, after(2)));
  await writeErrors(failed(older, after(1, 500)));
  expect(await health(id)).toMatchObject({
    state: "failing",
    since: after(1, 500),
    lastFailureAt: after(2),
    failedCount: 2,
  });
});

test("a delivery recorded between failures that overlapped it begins the outage anew after it", async () => {
  const { id } = await newChannel();
  const [first, between, last] = [await inHand(id), await inHand(id), await inHand(id)];
  await writeErrors(failed(first, after(0)), failed(last, after(40)));
  await takeSteps(warns, after(41));
  await writeDelivered({ webhook: between, startedAt: after(40, -1) });
  expect(await health(id)).toMatchObject({ state: "failing", since: after(40), failedCount: 1 });
  expect((await notes(id)).map((note) => note.key)).toEqual(["50"]);
  await fail(id, after(77));
  expect(await takeSteps(warns, after(77))).toEqual([{ channelId: id, step: "50" }]);
});

test("a failure recorded after a delivery that overlapped it warns nobody", async () => {
  const { id } = await newChannel();
  const [failing, delivered] = [await inHand(id), await inHand(id)];
  await writeDelivered({ webhook: delivered, startedAt: new Date(Date.now() - 61_000) });
  await writeErrors(failed(failing, new Date(Date.now() - 62_000)));
  expect(await health(id)).toMatchObject({ state: "failing" });
  await takeSteps();
  expect(await health(id)).toEqual({ state: "delivering", recovered: null });
});

test("each of the four warnings is given once, when the failures span its share of the limit", async () => {
  const { id } = await newChannel();
  await fail(id, after(0));
  // Nothing was sent for two days: that is not failing.
  expect(await takeSteps(warns, after(50))).toEqual([]);
  const taken: [number, string][] = [];
  for (const hours of [35.9, 36, 50, 50.4, 64.7, 64.8, 71.9, 72, 80]) {
    await fail(id, after(hours));
    const steps = [
      ...(await takeSteps(warns, after(hours))),
      ...(await takeSteps(warns, after(hours))),
    ];
    taken.push(...steps.map(({ step }): [number, string] => [hours, step]));
  }
  expect(taken).toEqual([
    [36, "50"],
    [50.4, "70"],
    [64.8, "90"],
    [72, "100"],
  ]);
  expect((await notes(id)).at(-1)).toEqual({
    key: "100",
    detectedAt: after(0),
    closedAt: after(72),
    errorCount: 9,
    detail: "503",
  });
  expect(await health(id)).toMatchObject({ state: "failing" });
});

test("a step becomes one mail to each person of the channel, and joins the conversation of its outage", async () => {
  const { id } = await newChannel({ name: "Orders bot", email: "team@example.com" });
  await createMember(database.db, id);
  await fail(id, after(0));
  await fail(id, after(36));
  await takeSteps(warns, after(36));
  const closing = closingOptions(
    {},
    {
      render: async ({ step, statusCode }) => ({ html: "", text: `${step} ${statusCode}` }),
      keep: true,
    },
  );
  await closeDueWindows(database.pool, closing);
  await closeDueWindows(database.pool, closing);
  const mails = await database.db.mail.findMany({
    where: { channelId: id, notification: { type: "endpoint_failing" } },
  });
  expect(mails.map(({ subject, text }) => `${subject}: ${text}`)).toEqual(
    Array.from(
      { length: 2 },
      () => "Messaging API: Your bot server keeps failing - Orders bot: 50 null",
    ),
  );
  const threads = await database.db.notification.findMany({
    where: { channelId: id, settledAt: { not: null } },
    distinct: ["threadId"],
  });
  expect(threads).toHaveLength(1);
});

test("of several steps reached at once only the last is told", async () => {
  const { id } = await newChannel();
  await fail(id, after(0));
  await fail(id, after(66));
  expect(await takeSteps(warns)).toEqual([{ channelId: id, step: "90" }]);
});

test("workers that look at the same moment take each step once", async () => {
  const channels = await Promise.all(Array.from({ length: 120 }, () => newChannel()));
  for (const { id } of channels)
    await database.pool.query(
      `insert into endpoint_health (channel_id, failing_since, last_failure_at, failed_count, reason, detail)
     values ($1, $2, $3, 7, 'request_timeout', 'Request timeout')`,
      [id, after(0), after(72)],
    );
  const taken = (await Promise.all([1, 2, 3, 4].map(() => takeSteps(suspends)))).flat();
  taken.push(...(await takeSteps(suspends)));
  expect(taken.map((one) => one.channelId).sort()).toEqual(channels.map(({ id }) => id).sort());
  expect(await database.db.notification.count({ where: { key: "suspended" } })).toBe(120);
});

test("a recovery between two steps begins anew, and is noted with its length and errors", async () => {
  const { id } = await newChannel();
  await fail(id, after(0));
  await fail(id, after(40));
  expect(await takeSteps(warns, after(40))).toHaveLength(1);
  await deliver(id, after(41));
  expect(await health(id)).toEqual({
    state: "delivering",
    recovered: { since: after(0), recoveredAt: after(41), failedCount: 2 },
  });
  expect(await takeSteps()).toEqual([]);
  await fail(id, after(42));
  await fail(id, after(80));
  expect(await takeSteps()).toEqual([{ channelId: id, step: "50" }]);
});

test("a short outage is not noted and does not hide the last long one", async () => {
  const { id } = await newChannel();
  await fail(id, after(0));
  await deliver(id, after(2));
  await fail(id, after(3));
  await deliver(id, after(3, 299_999));
  expect(await health(id)).toMatchObject({ recovered: { since: after(0), recoveredAt: after(2) } });
});

test("at the limit nothing is suspended unless the operator enabled it, then it is, with its own notice", async () => {
  const { id } = await newChannel();
  await fail(id, after(0));
  await fail(id, after(72));
  expect(await takeSteps(warns)).toEqual([{ channelId: id, step: "100" }]);
  await accept(id);
  expect(await claim()).toHaveLength(1);
  expect(await takeSteps(suspends)).toEqual([{ channelId: id, step: "suspended" }]);
  expect(await takeSteps(suspends)).toEqual([]);
  expect(await health(id)).toMatchObject({ state: "suspended", since: after(0) });
});

test("a suspended channel is shown as failing since its first failure, however few have failed", async () => {
  const { id } = await newChannel();
  await fail(id, after(0));
  await fail(id, after(72));
  const shown = () =>
    database.db.endpointHealth.findUnique({
      where: { channelId: id },
      select: { shownSince: true, goodLeft: true },
    });
  await takeSteps(warns);
  expect(await shown()).toEqual({ shownSince: null, goodLeft: 0 });
  await takeSteps(suspends);
  expect(await shown()).toEqual({ shownSince: after(0), goodLeft: 3 });
});

/** Fails until it is suspended, with one redelivery and one first attempt waiting and one attempt under way. */
async function suspendBusy(): Promise<{ id: string; underWay: ClaimedWebhook }> {
  const { id } = await newChannel({ webhookRedelivery: true });
  const underWay = await inHand(id);
  await fail(id, after(0));
  await accept(id);
  await database.pool.query(
    "update endpoint_health set last_failure_at = $2 where channel_id = $1",
    [id, after(72)],
  );
  expect(await takeSteps(suspends)).toEqual([{ channelId: id, step: "suspended" }]);
  return { id, underWay };
}

test("suspending ends what waits: redeliveries as cancelled, first attempts and new events as not_sent", async () => {
  const { id, underWay } = await suspendBusy();
  expect(await states(id)).toEqual(["cancelled", "not_sent"]);
  await accept(id);
  expect(await states(id)).toEqual(["cancelled", "not_sent", "not_sent"]);
  const fates = await writeErrors(failed(underWay, after(73)));
  expect(fates.get(underWay.id)).toBe("cancelled");
  expect(await database.db.queuedWebhook.count()).toBe(0);
});

test("what slipped into the queue while it was suspended is claimed as unsendable and ends as not_sent", async () => {
  const { id, underWay } = await suspendBusy();
  await database.pool.query("update endpoint_health set suspended_at = null");
  await accept(id);
  await database.pool.query("update endpoint_health set suspended_at = now()");
  const claimed = await claim();
  expect(claimed.map((one) => one.useWebhook)).toEqual([false]);
  await endUnsent(database.pool, claimed);
  expect((await states(id)).filter((state) => state === "not_sent")).toHaveLength(2);
  await writeDelivered({ webhook: underWay, startedAt: after(0, -1) });
  expect(await health(id)).toMatchObject({ state: "suspended" });
});

test("resuming sends again and begins the limit anew; pressing twice does one thing", async () => {
  const { id, underWay } = await suspendBusy();
  expect(await resumeSending(database.db, testActor, id)).toBe(true);
  expect(await resumeSending(database.db, testActor, id)).toBe(false);
  await writeErrors(failed(underWay, after(73)));
  expect(await health(id)).toEqual({ state: "delivering", recovered: null });
  const again = await inHand(id);
  expect(again.useWebhook).toBe(true);
  const failedAt = new Date(Date.now() + 1_000);
  await writeErrors(failed(again, failedAt));
  expect(await health(id)).toMatchObject({ state: "failing", since: failedAt });
  expect(await takeSteps(suspends)).toEqual([]);
});

test("an attempt under way that is delivered after all ends the suspension", async () => {
  const { id, underWay } = await suspendBusy();
  await writeDelivered({ webhook: underWay, startedAt: after(73) });
  expect(await health(id)).toMatchObject({
    state: "delivering",
    recovered: { since: after(0), recoveredAt: after(73) },
  });
});

test("another URL and Use webhook off end the outage; the same URL and the other switches do not", async () => {
  const { db } = database;
  const policy = createTargetPolicy({ allowTargets: [], allowHttp: false });
  const { id, webhookUrl } = await newChannel({ webhookRedelivery: true });
  await fail(id, after(0));
  await setWebhookUrl(db, policy, testActor, id, webhookUrl ?? "");
  await turnSwitch(db, testActor, id, "webhookRedelivery", false);
  expect(await health(id)).toMatchObject({ state: "failing" });
  await setWebhookUrl(db, policy, testActor, id, "https://other.example.com/");
  expect(await health(id)).toEqual({ state: "delivering", recovered: null });
  await fail(id, new Date(Date.now() + 1_000));
  expect(await health(id)).toMatchObject({ state: "failing" });
  const underWay = await inHand(id);
  await turnSwitch(db, testActor, id, "useWebhook", false);
  await writeErrors(failed(underWay, new Date(Date.now() + 2_000)));
  expect(await health(id)).toEqual({ state: "delivering", recovered: null });
});

test("whatever the order in which workers record overlapping attempts, the outage begins after the last delivery", async () => {
  const channels = await Promise.all(Array.from({ length: 12 }, () => newChannel()));
  for (let round = 0; round < 5; round += 1) {
    for (const { id } of [...channels, ...channels, ...channels, ...channels]) await accept(id);
    const hand = await claim();
    const nth = (n: number) =>
      channels.flatMap(({ id }) => hand.filter((one) => one.channelId === id).slice(n, n + 1));
    const failedAt = (n: number, ms: number) =>
      writeErrors(...nth(n).map((webhook) => failed(webhook, after(round, ms))));
    const deliveredAt = (n: number, ms: number) =>
      writeDelivered(
        ...nth(n)
          .toReversed()
          .map((webhook) => ({ webhook, startedAt: after(round, ms) })),
      );
    await Promise.all([failedAt(0, 1), deliveredAt(1, 2), deliveredAt(2, 0), failedAt(3, 3)]);
    await takeSteps(warns, after(round, 70_000));
    const standing = await Promise.all(channels.map(({ id }) => health(id)));
    expect(standing).toEqual(
      channels.map(() => expect.objectContaining({ state: "failing", since: after(round, 3) })),
    );
  }
});

test("a channel that is switched off is neither warned about nor suspended", async () => {
  const { id } = await newChannel();
  await fail(id, after(0));
  await fail(id, after(72));
  await database.db.channel.update({ where: { id }, data: { useWebhook: false } });
  expect(await takeSteps(suspends)).toEqual([]);
});
