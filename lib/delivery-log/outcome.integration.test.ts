import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { AppError } from "#lib/app-error.ts";
import type { Database } from "#lib/db.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { recordDelivered } from "#lib/recording/record-delivered.ts";
import { recordErrors } from "#lib/recording/record-errors.ts";
import { startRedeliveryJob } from "#lib/redeliveries/jobs.ts";
import { stepRedeliveryJob } from "#lib/redeliveries/step-job.ts";
import { testActor as actor, createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { claimSome, deliveredOutcome, failAll, failedOutcome } from "#testing/test-webhooks.ts";
import { countTotal, countWebhooks } from "./count.ts";
import { listWebhooks } from "./list.ts";
import { type AskedOutcome, anyOutcome, type LogQuestion } from "./schema.ts";

let database: Database;
let channelId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate webhook_queue, ready_channels, set_aside_webhooks, webhooks, webhook_sources, webhook_attempts, redelivery_jobs cascade",
  );
  ({ id: channelId } = await createChannel(database.db, {
    webhookUrl: "https://bot.example.com/webhook",
    useWebhook: true,
  }));
});

const question = (change: Partial<LogQuestion> = {}): LogQuestion => ({
  ...{ channelId, states: null, eventType: null, eventId: null, doubtful: false },
  from: new Date(Date.now() - 3_600_000),
  to: new Date(Date.now() + 3_600_000),
  ...change,
});
const ended = (change: Partial<AskedOutcome>) =>
  question({ outcome: { ...anyOutcome, ...change } });

/** Accepts a webhook of these sources; the newest is the first of a list. */
async function accept(...sources: readonly Record<string, string>[]): Promise<string> {
  const events = sources.map((source) => JSON.stringify({ type: "message", source }));
  const [accepted] = await acceptWebhooks(database.pool, [
    { channelId, events: events.length > 0 ? events : ['{"type":"x"}'], idempotencyKey: null },
  ]);
  if (accepted === undefined || accepted instanceof AppError) throw accepted;
  return accepted.webhookId;
}

async function deliver(answerMs: number): Promise<void> {
  const outcome = { ...deliveredOutcome(), times: { headers: answerMs, total: answerMs + 20 } };
  const claimed = await claimSome(database.pool);
  await recordDelivered(
    database.pool,
    claimed.map((webhook) => ({ webhook, outcome })),
  );
}

async function fail(statusCode: number, answerMs: number): Promise<void> {
  const outcome = { ...failedOutcome(statusCode), times: { headers: answerMs, total: answerMs } };
  const claimed = await claimSome(database.pool);
  const options = { scheduleMs: [], notificationWindowMs: 300_000, random: () => 0.5 };
  await recordErrors(
    database.pool,
    claimed.map((webhook) => ({ webhook, outcome })),
    options,
  );
}

const idsOf = async (asked: LogQuestion, size = 50): Promise<string[]> => {
  const ids: string[] = [];
  let next: string | null = null;
  do {
    const start: { direction: "after"; id: string } | null =
      next === null ? null : { direction: "after", id: next };
    const page = await listWebhooks(database.db, asked, start, { size });
    ids.push(...page.webhooks.map((one) => one.id));
    ({ next } = page);
  } while (next !== null);
  return ids;
};

test("what ended is found by reason, status, answer time and cause, and told with them", async () => {
  const quick = await accept();
  await deliver(80);
  const slow = await accept();
  await deliver(1_700);
  const refused = await accept();
  await fail(403, 40);
  const broken = await accept();
  await fail(503, 1_900);
  const waits = await accept();
  expect(await idsOf(question())).toEqual([waits, broken, refused, slow, quick]);
  expect(await idsOf(ended({ reason: "error_status_code" }))).toEqual([broken, refused]);
  expect(await idsOf(ended({ reason: "request_timeout" }))).toEqual([]);
  expect(await idsOf(ended({ status: { from: 500, to: 599 } }))).toEqual([broken]);
  expect(await idsOf(ended({ status: { from: 200, to: 200 } }))).toEqual([slow, quick]);
  expect(await idsOf(ended({ status: "none" }))).toEqual([]);
  expect(await idsOf(ended({ answerFromMs: 1_700 }))).toEqual([broken, slow]);
  expect(await idsOf(ended({ answerToMs: 80 }))).toEqual([refused, quick]);
  const page = await listWebhooks(database.db, ended({ status: { from: 503, to: 503 } }), null);
  expect(page.webhooks).toMatchObject([
    { reason: "error_status_code", detail: "503", statusCode: 503, answerMs: 1_900 },
  ]);
  const cause = page.webhooks[0]?.likelyCause ?? null;
  expect(cause).not.toBeNull();
  expect(await idsOf(ended({ likelyCause: cause }))).toContain(broken);
  expect(await countWebhooks(database.db, ended({ answerFromMs: 1_700 }))).toEqual({
    ...{ endedCount: 2, deliveredCount: 1, waitingCount: 0, complete: true },
  });
});

test("a webhook is found by each of its sources wherever it is, page by page, each once", async () => {
  const ids: string[] = [];
  for (let index = 0; index < 12; index += 1) {
    ids.unshift(await accept({ userId: "U1" }, { groupId: "C1", userId: `U${index + 2}` }));
    await accept({ userId: "Uother" });
    if (index < 4) await deliver(10);
    else if (index < 8) await failAll(database.pool, await claimSome(database.pool));
  }
  const { id: other } = await createChannel(database.db);
  for (const sourceId of ["U1", "C1"]) {
    expect(await idsOf(question({ sourceId }), 5)).toEqual(ids);
    expect(await idsOf(question({ sourceId, channelId: other }))).toEqual([]);
  }
  expect(await idsOf(question({ sourceId: "U4" }))).toEqual([ids[9]]);
  expect(await idsOf(question({ sourceId: "U1", states: ["waiting"] }), 3)).toEqual(
    ids.slice(0, 4),
  );
  expect(await countTotal(database.db, question({ sourceId: "U1" }))).toEqual({
    ...{ count: 12, isComplete: true },
  });
});

test("a job redelivers what ended as its filter says, and nothing else", async () => {
  await accept({ userId: "U1" });
  await fail(503, 5);
  const meant = await accept({ userId: "U2" });
  await fail(503, 5);
  await accept({ userId: "U2" });
  await fail(403, 5);
  const asked = {
    ...ended({ status: { from: 503, to: 503 } }),
    sourceId: "U2",
  };
  await startRedeliveryJob(database.db, actor, {
    ...{ question: asked, ratePerSecond: 200, expectedCount: 1 },
  });
  while ((await stepRedeliveryJob(database.db)) !== null);
  expect(await idsOf(question({ states: ["waiting"] }))).toEqual([meant]);
});

test("a total that is too much to count says how many there are at least", async () => {
  for (let index = 0; index < 4; index += 1) await accept();
  await deliver(10);
  const few = { plain: 3, byEvent: 3 };
  expect(await countWebhooks(database.db, question(), few)).toMatchObject({
    ...{ endedCount: 3, complete: false },
  });
});
