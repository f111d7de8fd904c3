import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { createErrors, makeError } from "#testing/error-factory.ts";
import { actorOf, createChannel, createUser } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { findWebhook } from "./get-webhook.ts";
import { takeAnswer } from "./take-answer.ts";

let database: Database;
let channelId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  channelId = (await createChannel(database.db)).id;
});
afterAll(() => database.close());

/** A failed attempt with this answer. */
async function fail(headers: [string, string][], body: Buffer | null) {
  const error = makeError({ occurredAt: new Date("2026-11-22T10:41:00Z") });
  await createErrors(database.pool, channelId, [error]);
  await database.pool.query(
    "update webhook_attempts set response_headers = $2, response_body = $3 where webhook_id = $1",
    [error.webhookId, JSON.stringify(headers), body],
  );
  return error;
}

const entriesOf = (webhookId: string) =>
  database.db.auditEntry.findMany({ where: { targetId: webhookId } });

test("an answer is taken out byte by byte, by its channel alone, and that is written down", async () => {
  const { db } = database;
  const actor = actorOf(await createUser(db));
  const body = gzipSync("sorry");
  const named = await fail([["content-encoding", "gzip"]], body);
  const other = (await createChannel(db)).id;
  expect(await takeAnswer(db, actor, other, named)).toBeNull();
  expect(await takeAnswer(db, actor, channelId, { ...named, attempt: 2 })).toBeNull();
  expect(await entriesOf(named.webhookId)).toEqual([]);

  const taken = await takeAnswer(db, actor, channelId, named);
  expect(Buffer.from(taken ?? []).equals(body)).toBe(true);
  expect(await entriesOf(named.webhookId)).toMatchObject([
    { action: "answer_downloaded", channelId, actorId: actor.id, after: { attempt: 1 } },
  ]);
});

test("an attempt without an answer has nothing to be taken out", async () => {
  const named = await fail([], null);
  expect(await takeAnswer(database.db, actorOf({ id: "x" }), channelId, named)).toBeNull();
});

test("a page of a Japanese server, packed, is shown as people wrote it", async () => {
  const page = Buffer.from("3c6d65746120636861727365743d534a49533e83478389815b1b", "hex");
  const { webhookId } = await fail(
    [
      ["content-encoding", "gzip"],
      ["x-reason", Buffer.from("エラー").toString("latin1")],
    ],
    gzipSync(page),
  );
  await database.db.webhook.create({
    data: {
      id: webhookId,
      channelId,
      acceptedAt: new Date("2026-11-22T10:41:00Z"),
      state: "failed",
      attempts: 1,
      eventCount: 1,
      finishedAt: new Date("2026-11-22T10:41:00Z"),
      body: "{}",
    },
  });
  const found = await findWebhook(database.db, channelId, webhookId);
  expect(found?.history).toMatchObject([
    {
      responseHeaders: [
        ["content-encoding", "gzip"],
        ["x-reason", "エラー"],
      ],
      responseBody: {
        text: "<meta charset=SJIS>エラー<U+001B>",
        packing: { state: "unpacked", codings: ["gzip"], end: "whole" },
        charset: { name: "shift_jis", from: "meta" },
      },
    },
  ]);
});
