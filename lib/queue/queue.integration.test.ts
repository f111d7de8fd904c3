import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { AppError } from "#lib/app-error.ts";
import { cancelWaiting } from "#lib/cancellations/cancel-waiting.ts";
import type { Database } from "#lib/db.ts";
import { recordDelivered } from "#lib/recording/record-delivered.ts";
import { recordErrors } from "#lib/recording/record-errors.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import {
  acceptSome,
  claimSome,
  deliveredOutcome,
  failedOutcome as plainFailure,
} from "#testing/test-webhooks.ts";
import { acceptWebhooks } from "./accept.ts";
import { type ClaimedWebhook, type ClaimOptions, lanes, returnWebhooks } from "./claim.ts";
import { endUnsent } from "./end-unsent.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate webhook_queue, ready_channels, webhooks, webhook_attempts, webhook_errors",
  );
});

const on = {
  webhookUrl: "https://bot.example.com/webhook",
  useWebhook: true,
  webhookRedelivery: true,
  errorStatisticsAggregation: true,
};
const recordOptions = {
  scheduleMs: [600_000, 3_600_000],
  notificationWindowMs: 300_000,
  random: () => 0.5,
};

const accept = (channelId: string, count = 1) => acceptSome(database.pool, channelId, count);
const claim = (overrides: Partial<ClaimOptions> = {}) =>
  claimSome(database.pool, { share: (channelIds) => channelIds.map(() => 10), ...overrides });

async function claimOne(): Promise<ClaimedWebhook> {
  const [webhook] = await claim();
  if (webhook === undefined) throw new Error("nothing was claimed");
  return webhook;
}

/** What no text of the database takes as it stands. */
const failedOutcome = (statusCode?: number) => ({
  ...plainFailure(statusCode),
  response: {
    headers: [["x-odd", "\u0000\u001b[31m"]] satisfies [string, string][],
    body: Buffer.from([0, 255, 60]),
  },
});

async function count(table: string, where = "true"): Promise<number> {
  const { rows } = await database.pool.query(
    `select count(*)::int as n from ${table} where ${where}`,
  );
  return rows[0].n;
}

const dueNow = () =>
  database.pool.query(
    `with q as (update webhook_queue set due_at = now() - interval '1 s', lease_until = least(lease_until, now() - interval '1 s')) update ready_channels set due_at = now() - interval '1 s'`,
  );

test("what was accepted is claimed once, with the settings of its channel", async () => {
  const channel = await createChannel(database.db, on);
  const [accepted] = await accept(channel.id);
  const first = await claimOne();
  expect(first).toMatchObject({
    id: accepted,
    attempt: 1,
    failures: 0,
    url: on.webhookUrl,
  });
  expect(JSON.parse(first.body)).toMatchObject({
    destination: channel.botUserId,
    events: [{ type: "follow" }],
  });
  expect(await claim()).toEqual([]);
});

test("a channel with a thousand webhooks does not stand before one with one", async () => {
  const crowded = await createChannel(database.db, on);
  const quiet = await createChannel(database.db, on);
  await accept(crowded.id, 1_000);
  await accept(quiet.id);
  const claimed = await claim();
  expect(claimed.filter((one) => one.channelId === quiet.id)).toHaveLength(1);
  expect(claimed.filter((one) => one.channelId === crowded.id)).toHaveLength(10);
});

test("what one call brought in for a channel is claimed in the order in which it came", async () => {
  const channel = await createChannel(database.db, on);
  const accepted = await accept(channel.id, 50);
  const claimed: string[] = [];
  while (claimed.length < 50) claimed.push(...(await claim()).map((one) => one.id));
  expect(claimed).toEqual(accepted);
});

test("channels take turns: the one just served comes after those that wait", async () => {
  const channels = await Promise.all([1, 2, 3].map(() => createChannel(database.db, on)));
  for (const channel of channels) await accept(channel.id, 5);
  const turn = async () =>
    (await claim({ turnsMax: 1, share: () => [1] })).map((one) => one.channelId);
  const served = [...(await turn()), ...(await turn()), ...(await turn())];
  expect(new Set(served).size).toBe(3);
});

test("two workers that claim at the same moment never get the same webhook, and together get all", async () => {
  const channels = await Promise.all([1, 2, 3, 4].map(() => createChannel(database.db, on)));
  for (const channel of channels) await accept(channel.id, 50);
  const claimed: string[] = [];
  const drain = async () => {
    for (let empty = 0; empty < 20; ) {
      const got = await claim();
      empty = got.length === 0 ? empty + 1 : 0;
      claimed.push(...got.map((one) => one.id));
    }
  };
  await Promise.all([drain(), drain(), drain()]);
  expect(claimed).toHaveLength(200);
  expect(new Set(claimed).size).toBe(200);
});

test("intake and claims that run against each other leave nothing behind unnoticed", async () => {
  const channel = await createChannel(database.db, on);
  const total = 300;
  let left = total;
  const taken = new Set<string>();
  const intake = async () => {
    while (left > 0) {
      left -= 1;
      await accept(channel.id);
    }
  };
  const work = async () => {
    const deadline = Date.now() + 120_000;
    while (taken.size < total && Date.now() < deadline) {
      const got = await claim();
      await recordDelivered(
        database.pool,
        got.map((webhook) => ({ webhook, outcome: deliveredOutcome() })),
      );
      for (const one of got) taken.add(one.id);
    }
  };
  await Promise.all([intake(), intake(), intake(), work(), work()]);
  expect(taken.size).toBe(total);
});

test("a webhook whose worker died becomes due again when its lease ends, as a further attempt", async () => {
  await accept((await createChannel(database.db, on)).id);
  const lost = await claimOne();
  expect(await claim()).toEqual([]);
  await dueNow();
  const again = await claimOne();
  expect(again).toMatchObject({ id: lost.id, attempt: 2, failures: 0 });
  expect(again.lease).not.toBe(lost.lease);
});

test("a worker that lost its lease can neither finish nor count the webhook", async () => {
  await accept((await createChannel(database.db, on)).id);
  const lost = await claimOne();
  await dueNow();
  const holder = await claimOne();
  expect(
    await recordDelivered(database.pool, [{ webhook: lost, outcome: deliveredOutcome() }]),
  ).toEqual([]);
  const fates = await recordErrors(
    database.pool,
    [{ webhook: lost, outcome: failedOutcome() }],
    recordOptions,
  );
  expect(fates.size).toBe(0);
  expect(await count("webhook_errors")).toBe(0);
  expect(
    await recordDelivered(database.pool, [{ webhook: holder, outcome: deliveredOutcome() }]),
  ).toEqual([holder.id]);
  expect(await count("webhooks", "state = 'delivered' and attempts = 2")).toBe(1);
});

test("a batch of deliveries is logged, stored and counted as one", async () => {
  const channel = await createChannel(database.db, on);
  const silent = await createChannel(database.db, { ...on, errorStatisticsAggregation: false });
  await accept(channel.id, 7);
  await accept(silent.id, 3);
  const claimed = await claim();
  await recordDelivered(
    database.pool,
    claimed.map((webhook) => ({ webhook, outcome: deliveredOutcome() })),
  );
  expect(await count("webhook_queue")).toBe(0);
  expect(await count("webhooks", "state = 'delivered'")).toBe(10);
  expect(
    await count("webhooks", "status_code = 200 and started_at is not null and url is not null"),
  ).toBe(10);
  const minutes = await database.db.deliveredMinute.findMany({
    where: { channelId: { in: [channel.id, silent.id] } },
  });
  const hours = await database.db.deliveredHour.findMany({
    where: { channelId: { in: [channel.id, silent.id] } },
  });
  expect(minutes.map((row) => [row.channelId, row.deliveredCount])).toEqual([[channel.id, 7]]);
  expect(hours.map((row) => [row.channelId, row.deliveredCount])).toEqual([[channel.id, 7]]);
});

test("a failed attempt is stored, counted and scheduled in one transaction", async () => {
  const channel = await createChannel(database.db, on);
  await accept(channel.id, 3);
  const claimed = await claim();
  const fates = await recordErrors(
    database.pool,
    claimed.map((webhook) => ({ webhook, outcome: failedOutcome() })),
    recordOptions,
  );
  expect([...fates.values()]).toEqual(["redelivered", "redelivered", "redelivered"]);
  expect(await count("webhook_errors", `channel_id = '${channel.id}'`)).toBe(3);
  const [row] = await database.db.errorRow.findMany({ where: { channelId: channel.id } });
  expect(row).toMatchObject({
    reason: "error_status_code",
    detail: "500",
    errorCount: 3,
    firstAttemptCount: 3,
  });
  const [hour] = await database.db.errorHour.findMany({ where: { channelId: channel.id } });
  expect(hour).toMatchObject({ errorCount: 3 });
  const [window] = await database.db.notificationWindow.findMany({
    where: { channelId: channel.id },
  });
  expect(window).toMatchObject({ type: "error_detected", key: "500", errorCount: 3 });
  expect(
    await count(
      "webhook_queue",
      "lane = 1 and lease is null and failures = 1 and due_at > now() + interval '5 minutes'",
    ),
  ).toBe(3);
  expect(await claim()).toEqual([]);
  await dueNow();
  const again = await claim({ lane: lanes.redelivery });
  expect(again.map((one) => [one.attempt, one.failures])).toEqual([
    [2, 1],
    [2, 1],
    [2, 1],
  ]);
});

test("after the last step the webhook ends as stopped, and that is counted towards its own mail", async () => {
  const channel = await createChannel(database.db, on);
  await accept(channel.id);
  let webhook = await claimOne();
  for (let step = 0; step < 2; step += 1) {
    await recordErrors(database.pool, [{ webhook, outcome: failedOutcome() }], recordOptions);
    await dueNow();
    [webhook = webhook] = await claim({ lane: lanes.redelivery });
  }
  const fates = await recordErrors(
    database.pool,
    [{ webhook, outcome: failedOutcome() }],
    recordOptions,
  );
  expect([...fates.values()]).toEqual(["stopped"]);
  expect(await count("webhooks", "state = 'stopped' and attempts = 3")).toBe(1);
  const types = await database.db.notificationWindow.findMany({
    where: { channelId: channel.id },
    orderBy: { type: "asc" },
  });
  expect(types.map((one) => [one.type, one.errorCount])).toEqual([
    ["error_detected", 3],
    ["redelivery_stopped", 1],
  ]);
});

test("without Webhook redelivery a failed webhook ends at once", async () => {
  const channel = await createChannel(database.db, { ...on, webhookRedelivery: false });
  await accept(channel.id);
  const webhook = await claimOne();
  const fates = await recordErrors(
    database.pool,
    [{ webhook, outcome: failedOutcome() }],
    recordOptions,
  );
  expect([...fates.values()]).toEqual(["failed"]);
  expect(await count("webhook_queue")).toBe(0);
});

test("while aggregation is off errors are not counted, and delivery, redelivery and mails go on", async () => {
  const channel = await createChannel(database.db, { ...on, errorStatisticsAggregation: false });
  await accept(channel.id);
  const webhook = await claimOne();
  const fates = await recordErrors(
    database.pool,
    [{ webhook, outcome: failedOutcome() }],
    recordOptions,
  );
  expect([...fates.values()]).toEqual(["redelivered"]);
  expect(await count("webhook_errors")).toBe(0);
  expect(await count("error_rows", `channel_id = '${channel.id}'`)).toBe(0);
  expect(await count("webhook_attempts", "reason = 'error_status_code'")).toBe(1);
  expect(await count("notification_windows", `channel_id = '${channel.id}'`)).toBe(1);
});

test("switching redelivery off ends what waits as cancelled, also what is in hand when it fails", async () => {
  const channel = await createChannel(database.db, on);
  await accept(channel.id, 2);
  const [waiting, inHand] = await claim();
  if (waiting === undefined || inHand === undefined) throw new Error("two webhooks were expected");
  await recordErrors(
    database.pool,
    [{ webhook: waiting, outcome: failedOutcome() }],
    recordOptions,
  );
  await database.db.$transaction(async (tx) => {
    await tx.channel.update({ where: { id: channel.id }, data: { webhookRedelivery: false } });
    const { ended } = await cancelWaiting(tx, [channel.id], { lanes: "redeliveries" });
    expect(ended.get(channel.id)).toBe(1);
  });
  expect(
    await count("webhooks", `id = '${waiting.id}' and state = 'cancelled' and attempts = 1`),
  ).toBe(1);
  const again = { ...inHand, failures: 1 };
  await database.pool.query("update webhook_queue set failures = 1");
  const fates = await recordErrors(
    database.pool,
    [{ webhook: again, outcome: failedOutcome() }],
    recordOptions,
  );
  expect([...fates.values()]).toEqual(["cancelled"]);
});

test("events that come while Use webhook is off are logged as not sent and never queued", async () => {
  const channel = await createChannel(database.db, { ...on, useWebhook: false });
  await accept(channel.id);
  expect(await count("webhook_queue")).toBe(0);
  expect(await count("webhooks", "state = 'not_sent' and attempts = 0")).toBe(1);
});

test("a webhook claimed just before Use webhook was switched off ends as not sent, without an attempt", async () => {
  const channel = await createChannel(database.db, on);
  await accept(channel.id);
  await database.db.channel.update({ where: { id: channel.id }, data: { useWebhook: false } });
  const webhook = await claimOne();
  expect(webhook.useWebhook).toBe(false);
  await endUnsent(database.pool, [webhook]);
  expect(await count("webhooks", "state = 'not_sent' and attempts = 0")).toBe(1);
});

test("webhooks given back can be claimed at once, as the same attempt", async () => {
  await accept((await createChannel(database.db, on)).id);
  const webhook = await claimOne();
  await returnWebhooks(database.pool, [webhook]);
  expect(await claimOne()).toMatchObject({ id: webhook.id, attempt: 1 });
});

test("the same Idempotency-Key brings one webhook in, with the same answer, however often and at once", async () => {
  const channel = await createChannel(database.db, on);
  const request = {
    channelId: channel.id,
    events: ['{"type":"follow"}'],
    idempotencyKey: "order-1",
  };
  const results = await Promise.all(
    Array.from({ length: 20 }, () => acceptWebhooks(database.pool, [request, request])),
  );
  const ids = results
    .flat()
    .map((result) => (result instanceof AppError ? result.code : result.webhookId));
  expect(ids).toHaveLength(40);
  expect(new Set(ids).size).toBe(1);
  expect(await count("webhook_queue")).toBe(1);
  const [other] = await acceptWebhooks(database.pool, [
    { ...request, events: ['{"type":"unfollow"}'] },
  ]);
  expect(other).toMatchObject({ code: "conflict" });
});

test("an unknown channel is refused without refusing its neighbours in the batch", async () => {
  const channel = await createChannel(database.db, on);
  const request = { events: ['{"type":"follow"}'], idempotencyKey: null };
  const [known, unknown] = await acceptWebhooks(database.pool, [
    { ...request, channelId: channel.id },
    { ...request, channelId: "0000000000" },
  ]);
  expect(known).toMatchObject({ eventCount: 1 });
  expect(unknown).toMatchObject({ code: "not_found" });
});
