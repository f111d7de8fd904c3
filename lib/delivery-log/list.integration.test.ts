import { ulid } from "ulid";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { composeBody } from "#lib/queue/events.ts";
import { acceptedAtOf, newWebhookId } from "#lib/webhooks/webhook-id.ts";
import { createErrors, makeError } from "#testing/error-factory.ts";
import { actorOf, createChannel, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { countWebhooks } from "./count.ts";
import { defaultLogFilter } from "./filter.ts";
import { findWebhook } from "./get-webhook.ts";
import { findNeighbours, type LogPageStart, listWebhooks } from "./list.ts";
import { openWebhook } from "./open-webhook.ts";
import { resolveQuestion } from "./resolve-question.ts";
import type { LogQuestion } from "./schema.ts";

let database: Database;
let channelId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate webhook_queue, set_aside_webhooks, webhooks, webhook_attempts, superseded_deliveries",
  );
  ({ id: channelId } = await createChannel(database.db));
});

const start = Date.parse("2026-11-22T00:00:00Z");
type Ended = "delivered" | "failed" | "stopped" | "cancelled" | "not_sent";
type Event = { type: string } & Record<string, unknown>;

/** A webhook accepted so many seconds after the start. */
async function log(
  second: number,
  state: Ended | "waiting" | "set_aside",
  events: readonly (Event | string)[] = [{ type: "message" }],
  channel = channelId,
): Promise<string> {
  const acceptedAt = new Date(start + second * 1_000);
  const id = newWebhookId(acceptedAt);
  const row = {
    id,
    channelId: channel,
    eventCount: events.length,
    body: composeBody(
      "U1",
      events.map((event) => (typeof event === "string" ? event : JSON.stringify(event))),
      acceptedAt,
    ),
  };
  const { db } = database;
  if (state === "waiting") {
    await db.queuedWebhook.create({ data: { ...row, lane: 0, dueAt: acceptedAt } });
  } else if (state === "set_aside") {
    const counts = { lane: 0, attempt: 5, failures: 0, unrecordedCount: 5 };
    await db.setAsideWebhook.create({ data: { ...row, ...counts } });
  } else {
    const url = "https://bot.example.com/";
    const delivered = state === "delivered" ? { startedAt: acceptedAt, statusCode: 200, url } : {};
    await db.webhook.create({
      data: { ...row, acceptedAt, state, attempts: 1, finishedAt: acceptedAt, ...delivered },
    });
  }
  return id;
}

const question = (change: Partial<LogQuestion> = {}): LogQuestion => ({
  channelId,
  from: new Date(start),
  to: new Date(start + 3_600_000),
  states: null,
  eventType: null,
  eventId: null,
  doubtful: false,
  ...change,
});

const list = (asked: LogQuestion, from: LogPageStart | null = null, options = {}) =>
  listWebhooks(database.db, asked, from, options);
const idsOf = ({ webhooks }: { webhooks: { id: string }[] }) => webhooks.map((one) => one.id);

test("what waits and what ended stand in one order, and pages forth and back show each once", async () => {
  const ids: string[] = [];
  for (let second = 0; second < 35; second += 1) {
    ids.unshift(
      await log(second, (["delivered", "waiting", "failed"] as const)[second % 3] ?? "failed"),
    );
  }
  ids.unshift(await log(40, "set_aside"));
  const other = await createChannel(database.db);
  await log(20, "delivered", undefined, other.id);
  const pages: string[][] = [];
  let next: string | null = null;
  do {
    const page = await list(question(), next === null ? null : { direction: "after", id: next }, {
      size: 10,
    });
    pages.push(idsOf(page));
    ({ next } = page);
  } while (next !== null);
  expect(pages.flat()).toEqual(ids);
  const third = pages[2]?.[0] ?? "";
  const back = await list(question(), { direction: "before", id: third }, { size: 10 });
  expect(idsOf(back)).toEqual(pages[1]);
  expect(back).toMatchObject({ previous: pages[1]?.[0], next: pages[1]?.at(-1) });
  const top = await list(
    question(),
    { direction: "before", id: pages[1]?.[0] ?? "" },
    { size: 10 },
  );
  expect(top.previous).toBeNull();
});

test.each([
  [["failed", "stopped"], 2],
  [["waiting"], 2],
  [["delivered"], 1],
  [["not_sent", "waiting"], 3],
  [null, 7],
] as const)(
  "a filter by state %s finds what has it, and the count agrees",
  async (states, count) => {
    for (const state of [
      "delivered",
      "failed",
      "stopped",
      "cancelled",
      "not_sent",
      "waiting",
      "set_aside",
    ] as const) {
      await log(1, state);
    }
    const asked = question({ states });
    expect((await list(asked)).webhooks).toHaveLength(count);
    const counted = await countWebhooks(database.db, asked);
    expect(counted.endedCount + counted.waitingCount).toBe(count);
    expect(counted.complete).toBe(true);
  },
);

test("an event type is found where it is one, in the log as in the queue, not where it is mentioned", async () => {
  const ids = [
    await log(1, "delivered", [{ type: "message" }, { type: "postback" }]),
    await log(2, "waiting", [{ type: "postback", postback: { data: "\u0000\ud83d" } }]),
    await log(3, "failed", [{ type: "postback", large: "x".repeat(20_000) }]),
  ];
  await log(4, "delivered", [{ type: "message", message: { type: "postback" } }]);
  await log(5, "delivered", [{ type: "message", text: '"type":"postback"' }]);
  const asked = question({ eventType: "postback" });
  expect(idsOf(await list(asked))).toEqual(ids.toReversed());
  expect(await countWebhooks(database.db, asked)).toEqual({
    endedCount: 2,
    deliveredCount: 1,
    waitingCount: 1,
    complete: true,
  });
});

test("events are found by type and id however the platform wrote them, and no body can make a search fail", async () => {
  const eventId = ulid(start);
  const written = [
    `{ "type" : "postback", "webhookEventId" :\n"${eventId}" }`,
    String.raw`{"\u0074ype":"post\u0062ack","webhookEventId":"\u003${eventId[0]}${eventId.slice(1)}"}`,
    `{"webhookEventId":"${eventId}","n":1e400,"s":"\\u0000\\ud800","type":"postback"}`,
  ];
  const ids = await Promise.all(written.map((event) => log(1, "failed", [event])));
  const old = `{"destination":"U1","events":[{"type":"postback","deep":${"[".repeat(4_100)}${"]".repeat(4_100)},"webhookEventId":"${eventId}","deliveryContext":{"isRedelivery":false}}]}`;
  const before = await log(1, "stopped");
  await database.db.webhook.updateMany({ where: { id: before }, data: { body: old } });
  await log(1, "failed", [String.raw`{"type":"other","s":"\u00e9"}`]);
  for (const asked of [question({ eventType: "postback" }), question({ eventId })]) {
    expect(idsOf(await list(asked)).sort()).toEqual([...ids, before].sort());
    expect(await countWebhooks(database.db, asked)).toMatchObject({ endedCount: 4 });
  }
  const shown = await list(question());
  expect(shown.webhooks.flatMap((one) => one.eventTypes).sort()).toEqual([
    "other",
    ...Array(4).fill("postback"),
  ]);
});

test("an event is found by its id, from the time in it on, whatever the range and however much came since", async () => {
  const eventId = ulid(start + 10_000);
  for (let second = 0; second < 9; second += 1) await log(second, "delivered");
  const id = await log(12, "delivered", [{ type: "message", webhookEventId: eventId }]);
  for (let second = 13; second < 30; second += 1) await log(second, "delivered");
  const now = new Date(start + 7_200_000);
  const { question: asked, ascending } = resolveQuestion(
    channelId,
    { ...defaultLogFilter, eventId },
    { from: new Date(now.getTime() - 60_000), to: now },
    { now, retentionDays: 30 },
  );
  expect(idsOf(await list(asked, null, { ascending }))).toEqual([id]);
});

test("a search that would read too much stops, says how far it came, and goes on from there", async () => {
  const id = await log(1, "delivered", [{ type: "leave" }]);
  for (let second = 2; second < 140; second += 1) await log(second, "delivered");
  const asked = question({ eventType: "leave" });
  const first = await list(asked, null, { limit: 100 });
  expect(first.webhooks).toEqual([]);
  expect(first.searchedTo).toEqual(acceptedAtOf(first.next ?? ""));
  const second = await list(asked, { direction: "after", id: first.next ?? "" }, { limit: 100 });
  expect(idsOf(second)).toEqual([id]);
  expect(second).toMatchObject({ next: null, searchedTo: null });
  expect(await countWebhooks(database.db, asked, { plain: 100, byEvent: 100 })).toMatchObject({
    complete: true,
  });
  expect(await countWebhooks(database.db, question(), { plain: 100, byEvent: 100 })).toEqual({
    ...{ endedCount: 100, deliveredCount: 100, waitingCount: 0 },
    complete: false,
  });
});

test("a page before which nothing is left any more is the first one", async () => {
  const [older, newer] = [await log(1, "failed"), await log(2, "failed")];
  const page = await list(question(), { direction: "before", id: newer });
  expect(idsOf(page)).toEqual([newer, older]);
});

test("a webhook is told with its attempts, and only to its own channel", async () => {
  const id = await log(1, "delivered");
  const occurredAt = new Date(start + 500);
  await createErrors(database.pool, channelId, [
    makeError({
      occurredAt,
      webhookId: id,
      attempt: 1,
      reason: "error_status_code",
      detail: "500",
      statusCode: 500,
    }),
  ]);
  await database.pool.query(
    `update webhook_attempts set response_headers = '[["x-odd", "\\u001b[31m<b>"]]', response_body = '\\x00ff3c'`,
  );
  await database.db.webhook.updateMany({ where: { id }, data: { attempts: 3 } });
  await database.db.supersededDelivery.create({
    data: {
      webhookId: id,
      attempt: 2,
      supersededAt: occurredAt,
      channelId,
      startedAt: occurredAt,
      statusCode: 204,
    },
  });
  const found = await findWebhook(database.db, channelId, id);
  expect(found?.history).toMatchObject([
    { attempt: 3, outcome: "delivered", statusCode: 200 },
    { attempt: 2, outcome: "delivered", statusCode: 204 },
    {
      attempt: 1,
      outcome: "failed",
      detail: "500",
      responseHeaders: [["x-odd", "<U+001B>[31m<b>"]],
      responseBody: { text: "<U+0000>ÿ<", charset: { name: "windows-1252", from: "assumed" } },
    },
  ]);
  expect(JSON.parse(found?.body ?? "").events).toMatchObject([{ type: "message" }]);
  const other = await createChannel(database.db);
  expect(await findWebhook(database.db, other.id, id)).toBeNull();
  expect(await findWebhook(database.db, channelId, newWebhookId(new Date(start)))).toBeNull();
});

test("who opens a webhook is written down, once an hour for each person and webhook", async () => {
  const { db } = database;
  const id = await log(1, "delivered");
  const [one, other] = [actorOf(await createUser(db)), actorOf(await createUser(db))];
  for (const actor of [one, one, other]) {
    expect(await openWebhook(db, actor, channelId, id)).toMatchObject({ id });
  }
  await openWebhook(db, one, (await createChannel(db)).id, id);
  const entries = await db.auditEntry.findMany({
    where: { action: "webhook_opened" },
    orderBy: { id: "asc" },
  });
  expect(entries).toMatchObject(
    [one, other].map((actor) => ({
      actorId: actor.id,
      channelId,
      targetKind: "webhook",
      targetId: id,
    })),
  );
  await db.rateLimit.updateMany({ data: { endsAt: new Date(0) } });
  await openWebhook(db, one, channelId, id);
  expect(await db.auditEntry.count({ where: { action: "webhook_opened" } })).toBe(3);
});

test("a webhook's neighbours are those of the list, whatever has become of itself, and also where it left the range", async () => {
  const oldest = await log(1, "failed");
  await log(2, "delivered");
  const middle = await log(3, "delivered");
  await log(4, "delivered");
  const newest = await log(5, "stopped");
  const waiting = await log(6, "waiting");
  const of = (id: string, change: Partial<LogQuestion> = {}) =>
    findNeighbours(database.db, question(change), id);
  const states = ["failed", "stopped"] as const;
  expect(await of(middle, { states })).toEqual({ newer: newest, older: oldest });
  expect(await of(oldest, { states })).toEqual({ newer: newest, older: null });
  expect(await of(newest)).toMatchObject({ newer: waiting });
  expect(await of(waiting)).toEqual({ newer: null, older: newest });
  const later = { from: new Date(start + 4_500), states };
  expect(await of(oldest, later)).toEqual({ newer: newest, older: null });
  const follow = await log(7, "failed", [{ type: "follow" }]);
  expect(await of(oldest, { eventType: "follow" })).toEqual({ newer: follow, older: null });
});

test("what was cancelled and has not ended yet waits for nothing: a count leaves it out", async () => {
  await log(1, "waiting", [{ type: "follow" }]);
  await log(2, "set_aside", [{ type: "follow" }]);
  await log(3, "failed", [{ type: "follow" }]);
  for (const asked of [question(), question({ eventType: "follow" })]) {
    expect(await countWebhooks(database.db, asked)).toMatchObject({ waitingCount: 2 });
  }
  await database.db.channel.update({ where: { id: channelId }, data: { firstEpoch: 1 } });
  for (const asked of [question(), question({ eventType: "follow" })]) {
    const counted = { endedCount: 1, waitingCount: 0 };
    expect(await countWebhooks(database.db, asked)).toMatchObject(counted);
  }
});
