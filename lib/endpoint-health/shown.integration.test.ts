import { afterAll, beforeAll, expect, test } from "vitest";
import { AppError } from "#lib/app-error.ts";
import { type Database, inTransaction } from "#lib/db.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { claimWebhooks, lanes } from "#lib/queue/claim.ts";
import { recordDelivered } from "#lib/recording/record-delivered.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { forgetHealth } from "./commands.ts";
import { noteFailures } from "./note-failures.ts";
import { isShownSql } from "./shown.ts";

// An hour ago: attempts lie in the past, as the database sees it.
const start = Date.now() - 3_600_000;
const at = (seconds: number) => new Date(start + seconds * 1_000);
let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const newChannel = () =>
  createChannel(database.db, {
    webhookUrl: "https://bot.example.com/webhook",
    useWebhook: true,
  });

const fail = (channelId: string, seconds: number) =>
  inTransaction(database.pool, (client) =>
    noteFailures(client, [
      { channelId, startedAt: at(seconds), reason: "request_timeout", detail: "Request timeout" },
    ]),
  );

/** Webhooks that begin at these times, recorded together. */
async function deliver(channelId: string, ...seconds: number[]): Promise<void> {
  const accepted = await acceptWebhooks(
    database.pool,
    seconds.map(() => ({ channelId, events: ['{"type":"follow"}'], idempotencyKey: null })),
  );
  expect(accepted.some((one) => one instanceof AppError)).toBe(false);
  const claimed = await claimWebhooks(database.pool, {
    ...{ lane: lanes.first, turnsMax: 100, leaseMs: 20_000, excluded: [], doubtfulMax: 1 },
    share: (channelIds) => channelIds.map(() => 100),
    onSetAside: () => undefined,
  });
  expect(claimed).toHaveLength(seconds.length);
  const outcome = {
    ...{ state: "delivered" as const, statusCode: 200, times: { total: 12 }, note: null },
    ...{
      protocol: null,
      remoteAddress: null,
      retryAfterMs: null,
      seen: { phase: "answer" as const },
    },
    response: { headers: [], body: Buffer.alloc(0) },
  };
  await recordDelivered(
    database.pool,
    claimed.map((webhook, index) => ({
      webhook,
      outcome: { ...outcome, startedAt: at(seconds[index] ?? 0) },
    })),
  );
}

/** Since when it is shown as failing; null: it is not. */
async function shownSince(channelId: string, seconds: number): Promise<Date | null> {
  const { rows } = await database.pool.query<{ since: Date | null }>(
    `select case when ${isShownSql("h", "$2::timestamptz")} then shown_since end as since
       from endpoint_health h where channel_id = $1`,
    [channelId, at(seconds)],
  );
  return rows[0]?.since ?? null;
}

test("a channel that delivers three of four webhooks is never shown as failing", async () => {
  const { id } = await newChannel();
  for (let seconds = 0; seconds < 200; seconds += 1) {
    await (seconds % 4 === 0 ? fail(id, seconds) : deliver(id, seconds));
    expect(await shownSince(id, seconds)).toBeNull();
  }
});

test("five failures in a row are shown once they last a minute, since the first of them", async () => {
  const { id } = await newChannel();
  for (const seconds of [0, 1, 2, 3, 4, 5, 30, 59]) {
    await fail(id, seconds);
    expect([seconds, await shownSince(id, seconds)]).toEqual([seconds, null]);
  }
  await fail(id, 60);
  expect(await shownSince(id, 60)).toEqual(at(0));
});

test("a minute with fewer failures is not", async () => {
  const { id } = await newChannel();
  for (const seconds of [0, 100, 200, 300]) {
    await fail(id, seconds);
    expect(await shownSince(id, seconds)).toBeNull();
  }
});

async function failing() {
  const { id } = await newChannel();
  for (const seconds of [0, 20, 40, 60, 80]) await fail(id, seconds);
  expect(await shownSince(id, 80)).toEqual(at(0));
  return id;
}

test("three deliveries in a row end it, one by one or recorded together", async () => {
  const id = await failing();
  await deliver(id, 90);
  await deliver(id, 91);
  expect(await shownSince(id, 91)).toEqual(at(0));
  await deliver(id, 92);
  expect(await shownSince(id, 92)).toBeNull();
  await fail(id, 95);
  expect(await shownSince(id, 95)).toBeNull();
  const other = await failing();
  await deliver(other, 90, 91, 92);
  expect(await shownSince(other, 92)).toBeNull();
});

test("a failure between them starts the count again, and the outage goes on from where it began", async () => {
  const id = await failing();
  await deliver(id, 90, 91);
  await fail(id, 92);
  await deliver(id, 93, 94);
  expect(await shownSince(id, 94)).toEqual(at(0));
  await deliver(id, 95);
  expect(await shownSince(id, 95)).toBeNull();
});

test("deliveries that began before the last failure end nothing", async () => {
  const id = await failing();
  await deliver(id, 70, 71, 72);
  expect(await shownSince(id, 81)).toEqual(at(0));
});

test("an hour without a failure after a delivery ends it, and the next failure begins nothing old", async () => {
  const id = await failing();
  await deliver(id, 90);
  expect(await shownSince(id, 90 + 3_590)).toEqual(at(0));
  expect(await shownSince(id, 90 + 3_610)).toBeNull();
  await fail(id, 90 + 3_610);
  expect(await shownSince(id, 90 + 3_611)).toBeNull();
});

test("what is known of another URL is forgotten", async () => {
  const id = await failing();
  await forgetHealth(database.db, [id]);
  expect(await shownSince(id, 90)).toBeNull();
});
