import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";
import { createErrors, makeError } from "#testing/error-factory.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { findSingleError } from "./get-single.ts";
import { findNextSteps, listSingleErrors } from "./list-singles.ts";
import { summariseErrors } from "./summarise.ts";

let database: Database;
let channelId: string;
const minute = new Date("2026-11-22T10:41:00Z");
const key = { minute, reason: "could_not_connect", detail: "Connection failed" } as const;
const at = (second: number) => new Date(minute.getTime() + second * 1_000);
const ids = [1, 2, 3, 4, 5].map((second) => newWebhookId(at(second)));
const [waiting = "", sending = "", delivered = "", stopped = "", forgotten = ""] = ids;
const events = [
  { type: "message", webhookEventId: "01HXZ8Y0000000000000000000" },
  { type: "follow" },
];

beforeAll(async () => {
  database = await createTestDatabase();
  channelId = (await createChannel(database.db)).id;
  await createErrors(
    database.pool,
    channelId,
    ids.map((webhookId, index) => makeError({ webhookId, occurredAt: at(index + 10) })),
  );
  const queued = {
    channelId,
    lane: 1,
    eventCount: 2,
    body: JSON.stringify({ destination: "U", events }),
  };
  await database.db.queuedWebhook.createMany({
    data: [
      { ...queued, id: waiting, dueAt: at(70), attempt: 1, failures: 1 },
      {
        ...queued,
        id: sending,
        dueAt: at(80),
        attempt: 2,
        failures: 1,
        lease: newWebhookId(minute),
      },
    ],
  });
  const ended = { channelId, eventCount: 1, attempts: 2, body: "not JSON" };
  await database.db.webhook.createMany({
    data: [
      { ...ended, id: delivered, acceptedAt: at(3), state: "delivered", finishedAt: at(90) },
      { ...ended, id: stopped, acceptedAt: at(4), state: "stopped", finishedAt: at(95) },
    ],
  });
});
afterAll(() => database.close());

const question = () => ({
  channelId,
  from: minute,
  to: at(60),
  reason: null,
  detail: null,
  status: null,
  attempt: null,
});

test("each single error tells what happens to its webhook next, newest first", async () => {
  const errors = await listSingleErrors(database.db, question());
  expect(errors.map((error) => [error.webhookId, error.next])).toEqual([
    [forgotten, { state: "unknown" }],
    [stopped, { state: "stopped", at: at(95) }],
    [delivered, { state: "delivered", at: at(90) }],
    [sending, { state: "sending", attempt: 2 }],
    [waiting, { state: "waiting", at: at(70), attempt: 2 }],
  ]);
});

test("a row lists so many of its errors and no more", async () => {
  expect(await listSingleErrors(database.db, question(), 2)).toHaveLength(2);
});

test("what waits is counted with the time of the next redelivery", async () => {
  const { waiting: summary } = await summariseErrors(database.db, question());
  expect(summary).toEqual({ count: 2, more: false, nextAt: at(70) });
});

test("another channel learns nothing of these webhooks by their ids", async () => {
  const other = (await createChannel(database.db)).id;
  expect(await findNextSteps(database.db, other, ids)).toEqual(new Map());
  const asked = { webhookId: waiting, attempt: 1 };
  expect(
    await findSingleError(database.db, { ...question(), channelId: other }, key, asked),
  ).toBeNull();
});

test("an error in full has its events, its phases, and an answer that does no harm", async () => {
  await database.pool.query(
    `update webhook_attempts set response_headers = '[["server", "a\\u001b[2Jb"]]', response_body = $2 where webhook_id = $1`,
    [waiting, Buffer.from([0x3c, 0x62, 0x3e, 0x00, 0xff, 0x0a, 0x1b])],
  );
  const error = await findSingleError(database.db, question(), key, {
    webhookId: waiting,
    attempt: 1,
  });
  expect(error).toMatchObject({
    eventIds: ["01HXZ8Y0000000000000000000"],
    eventCount: 2,
    phases: [
      { phase: "dns", durationMs: 1.2 },
      { phase: "tcp", durationMs: 8.4 },
      { phase: "total", durationMs: 12.1 },
    ],
    responseHeaders: [["server", "a<U+001B>[2Jb"]],
    responseBody: { text: "<b><U+0000>ÿ\n<U+001B>", byteCount: 7 },
  });
});

test("what an answer says of itself does no harm either", async () => {
  const headers = JSON.stringify([
    ["content-encoding", "a\u001bb"],
    ["content-type", "text/html; charset=\u001b[2J"],
  ]);
  await database.pool.query(
    "update webhook_attempts set response_headers = $2, response_body = $3 where webhook_id = $1",
    [stopped, headers, Buffer.from("é")],
  );
  expect(
    await findSingleError(database.db, question(), key, { webhookId: stopped, attempt: 1 }),
  ).toMatchObject({
    responseBody: {
      packing: { state: "left", coding: "a<U+001B>b" },
      charset: { contradicts: "<U+001B>[2J" },
    },
  });
});

test("an error whose log is gone is still shown, without what is gone", async () => {
  const error = await findSingleError(database.db, question(), key, {
    webhookId: delivered,
    attempt: 1,
  });
  expect(error).toMatchObject({
    eventIds: [],
    eventCount: null,
    responseHeaders: null,
    responseBody: null,
  });
  expect(
    await findSingleError(database.db, question(), key, { webhookId: delivered, attempt: 9 }),
  ).toBeNull();
});
