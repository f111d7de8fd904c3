import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { countWebhooks } from "#lib/delivery-log/count.ts";
import { findAnswer } from "#lib/delivery-log/find-answer.ts";
import { findWebhook } from "#lib/delivery-log/get-webhook.ts";
import { listWebhooks } from "#lib/delivery-log/list.ts";
import type { LogQuestion } from "#lib/delivery-log/schema.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";
import { type ClaimedWebhook, claimWebhooks, lanes } from "#lib/queue/claim.ts";
import { recordDelivered } from "#lib/recording/record-delivered.ts";
import { startRedeliveryJob } from "#lib/redeliveries/jobs.ts";
import { redeliverWebhooks } from "#lib/redeliveries/redeliver.ts";
import { stepRedeliveryJob } from "#lib/redeliveries/step-job.ts";
import { makePartitions } from "#lib/retention/make-partitions.ts";
import { keepPartitions } from "#lib/retention/partitions.ts";
import { testActor as actor, createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { findDoubtfulHour } from "./find-doubtful-hour.ts";
import type { AnswerContent, Doubt } from "./schema.ts";

let database: Database;
let channelId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    `truncate webhook_queue, ready_channels, webhooks, superseded_deliveries, delivered_answers, redelivery_jobs, redelivery_job_webhooks,
              delivered_minutes, error_rows`,
  );
  ({ id: channelId } = await createChannel(database.db, on));
});

const on = {
  webhookUrl: "https://bot.example.com/webhook",
  useWebhook: true,
  webhookRedelivery: false,
  errorStatisticsAggregation: true,
};
const page: AnswerContent = {
  headers: [
    ["content-type", "text/html"],
    ["x-odd", "\u0000\u00e9\u001b[31m"],
  ],
  body: Buffer.from("<!doctype html>\u0000", "latin1"),
};

const claim = (lane: 0 | 1): Promise<ClaimedWebhook[]> =>
  claimWebhooks(database.pool, {
    lane,
    turnsMax: 100,
    leaseMs: 20_000,
    excluded: [],
    share: (channelIds) => channelIds.map(() => 1_000),
    doubtfulMax: 1,
    onSetAside: () => undefined,
  });

const startedAt = new Date();

/** Ends what is due as delivered, each with the answer that `judged` gives for its place. */
async function deliver(
  lane: 0 | 1,
  judged: (at: number) => { doubt: Doubt | null; kept?: AnswerContent },
): Promise<string[]> {
  const claimed = await claim(lane);
  const ids = await recordDelivered(
    database.pool,
    claimed.map((webhook, at) => ({
      webhook,
      outcome: {
        state: "delivered",
        statusCode: 200,
        startedAt,
        times: { total: 12 },
        note: null,
        seen: { phase: "answer" },
        protocol: null,
        remoteAddress: null,
        retryAfterMs: null,
        response: { headers: [], body: Buffer.alloc(0) },
      },
      answer: { kept: null, ...judged(at) },
    })),
  );
  return ids.sort();
}

async function acceptMany(count: number, channel = channelId): Promise<void> {
  const request = { channelId: channel, events: ['{"type":"follow"}'], idempotencyKey: null };
  await acceptWebhooks(
    database.pool,
    Array.from({ length: count }, () => request),
  );
}

const question = (change: Partial<LogQuestion> = {}): LogQuestion => ({
  channelId,
  from: new Date(Date.now() - 3_600_000),
  to: new Date(Date.now() + 60_000),
  states: null,
  eventType: null,
  eventId: null,
  doubtful: false,
  ...change,
});
const list = async (change: Partial<LogQuestion> = {}) =>
  (await listWebhooks(database.db, question(change), null)).webhooks;
const count = async (table: string): Promise<number> =>
  (await database.pool.query(`select from ${table}`)).rowCount ?? 0;

test("a doubted answer marks the log row and is shown with its attempt; nothing about it is an error", async () => {
  await acceptMany(3);
  const [id = "", plain = "", unkept = ""] = await deliver(lanes.first, (at) =>
    at === 0 ? { doubt: "web_page", kept: page } : { doubt: null },
  );
  expect(await count("delivered_answers")).toBe(1);
  const marked = (await list()).map((one) => [one.id, one.state, one.doubt] as const).sort();
  const doubtedId = marked.find(([, , doubt]) => doubt !== null)?.[0] ?? "";
  expect(marked.map(([, state]) => state)).toEqual(["delivered", "delivered", "delivered"]);
  expect(marked.map(([, , doubt]) => doubt).filter((doubt) => doubt !== null)).toEqual([
    "web_page",
  ]);
  expect((await findWebhook(database.db, channelId, doubtedId))?.history).toMatchObject([
    {
      outcome: "delivered",
      doubt: "web_page",
      responseHeaders: [
        ["content-type", "text/html"],
        ["x-odd", "\ufffd\u00e9<U+001B>[31m"],
      ],
      responseBody: { text: "<!doctype html><U+0000>" },
    },
  ]);
  const named = { webhookId: doubtedId, attempt: 1 };
  const bytes = await findAnswer(database.db, channelId, named);
  expect(Buffer.from(bytes ?? []).equals(page.body)).toBe(true);
  expect(await findAnswer(database.db, "1", named)).toBeNull();
  const other = [id, plain, unkept].find((one) => one !== doubtedId) ?? "";
  expect((await findWebhook(database.db, channelId, other))?.history).toMatchObject([
    { outcome: "delivered", doubt: null, responseHeaders: null, responseBody: null },
  ]);
  const minutes = await database.db.deliveredMinute.findMany({ where: { channelId } });
  expect(minutes.map((row) => row.deliveredCount)).toEqual([3]);
  expect(await count("error_rows")).toBe(0);
  expect(await count("webhook_queue")).toBe(0);
});

test("a worker that lost its lease keeps no answer", async () => {
  await acceptMany(1);
  const [webhook] = await claim(lanes.first);
  await database.pool.query("update webhook_queue set lease = gen_random_uuid()");
  if (webhook === undefined) throw new Error("nothing was claimed");
  const outcome = {
    state: "delivered" as const,
    statusCode: 200,
    startedAt,
    times: { total: 1 },
    note: null,
    seen: { phase: "answer" as const },
    protocol: null,
    remoteAddress: null,
    retryAfterMs: null,
    response: page as { headers: [string, string][]; body: Buffer },
  };
  const answer = { doubt: "web_page" as const, kept: page };
  expect(await recordDelivered(database.pool, [{ webhook, outcome, answer }])).toEqual([]);
  expect(await count("delivered_answers")).toBe(0);
});

test("the filter finds exactly what was answered doubtfully, and the count agrees", async () => {
  await acceptMany(7);
  await deliver(lanes.first, (at) => ({ doubt: at % 3 === 0 ? "from_cache" : null }));
  await acceptMany(2);
  expect(await list()).toHaveLength(9);
  const found = await list({ doubtful: true });
  expect(found.map(({ doubt }) => doubt)).toEqual(["from_cache", "from_cache", "from_cache"]);
  expect(await countWebhooks(database.db, question({ doubtful: true }))).toEqual({
    endedCount: 3,
    deliveredCount: 3,
    waitingCount: 0,
    complete: true,
  });
  expect(await list({ doubtful: true, states: ["failed"] })).toEqual([]);
  expect(await list({ doubtful: true, eventType: "follow" })).toHaveLength(3);
  expect(await list({ doubtful: true, eventType: "message" })).toEqual([]);
});

test("what is not doubted is not even looked at by the filter", async () => {
  await database.pool.query(
    `insert into webhooks (channel_id, accepted_at, id, state, attempts, event_count, finished_at, doubt, body)
     select $1, now() - n * interval '1 ms', gen_random_uuid(), 'delivered', 1, 1, now(), case when n % 1000 = 0 then 'web_page' end, '{}'
       from generate_series(1, 5000) n`,
    [channelId],
  );
  await database.pool.query("analyze webhooks");
  const { rows } = await database.pool.query<{ "QUERY PLAN": string }>(
    `explain select id from webhooks where channel_id = $1 and accepted_at >= now() - interval '1 day' and accepted_at < now()
        and state = 'delivered' and doubt is not null order by accepted_at desc, id desc limit 120`,
    [channelId],
  );
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  // Partitions without rows are read whole, whatever the indexes.
  expect(plan).toMatch(/Index Scan/);
  expect(plan).not.toMatch(/Index Scan.*\n.*\n *Filter:.*doubt/);
});

test("all that match the filter are redelivered by a job, and the attempts that were doubted stay on their pages", async () => {
  await acceptMany(5);
  await deliver(lanes.first, (at) => ({ doubt: at < 2 ? "web_page" : null, kept: page }));
  const doubted = (await list({ doubtful: true })).map(({ id }) => id);
  await startRedeliveryJob(database.db, actor, {
    question: question({ doubtful: true }),
    ratePerSecond: 200,
    expectedCount: 2,
  });
  expect(await stepRedeliveryJob(database.db)).toMatchObject({ redelivered: 2, ended: "done" });
  expect((await deliver(lanes.redelivery, () => ({ doubt: null, kept: page }))).sort()).toEqual(
    doubted.sort(),
  );
  expect(await list({ doubtful: true })).toEqual([]);
  const attempts = (await findWebhook(database.db, channelId, doubted[0] ?? ""))?.history;
  expect(attempts).toMatchObject([
    { attempt: 2, doubt: null, responseBody: { text: "<!doctype html><U+0000>" } },
    { attempt: 1, doubt: "web_page", responseBody: { text: "<!doctype html><U+0000>" } },
  ]);
});

test("a job from before answers were judged goes on as it was meant", async () => {
  await acceptMany(3);
  await deliver(lanes.first, () => ({ doubt: null }));
  const { jobId } = await startRedeliveryJob(database.db, actor, {
    question: question(),
    ratePerSecond: 200,
    expectedCount: null,
  });
  const filter = { states: ["delivered"], eventType: null, eventId: null };
  await database.db.redeliveryJob.update({ where: { id: jobId }, data: { filter } });
  expect(await stepRedeliveryJob(database.db)).toMatchObject({ redelivered: 3 });
});

test.each([
  ["ten of nineteen", 10, 9, true],
  ["nine of nine", 9, 0, false],
  ["half of forty", 20, 20, false],
  ["more than half of forty-one", 21, 20, true],
  ["none", 0, 15, false],
])(
  "a channel whose last hour was mostly doubted says so: %s",
  async (_name, doubtful, good, says) => {
    await acceptMany(doubtful + good);
    await deliver(lanes.first, (at) => ({ doubt: at < doubtful ? "web_page" : null }));
    const other = await createChannel(database.db, on);
    await acceptMany(30, other.id);
    await deliver(lanes.first, () => ({ doubt: "from_cache" }));
    expect(await findDoubtfulHour(database.db, channelId)).toEqual(
      says ? { doubtfulCount: doubtful, deliveredCount: doubtful + good, doubt: "web_page" } : null,
    );
  },
);

test("the newest of the hour decide: a bot that was mended half way is not spoken of any more", async () => {
  await acceptMany(300);
  await deliver(lanes.first, () => ({ doubt: "web_page" }));
  await database.pool.query(
    "update webhooks set accepted_at = accepted_at - interval '30 minutes'",
  );
  await acceptMany(200);
  await deliver(lanes.first, () => ({ doubt: null }));
  expect(await findDoubtfulHour(database.db, channelId)).toBeNull();
});

test("what is older than an hour is not spoken of", async () => {
  await acceptMany(20);
  await deliver(lanes.first, () => ({ doubt: "web_page" }));
  expect(await findDoubtfulHour(database.db, channelId)).not.toBeNull();
  await database.pool.query(
    "update webhooks set accepted_at = accepted_at - interval '61 minutes'",
  );
  expect(await findDoubtfulHour(database.db, channelId)).toBeNull();
});

test("kept answers go with the log", async () => {
  const from = new Date(Date.now() - 60 * 86_400_000);
  const name = `delivered_answers_${from.toISOString().slice(0, 10).replaceAll("-", "")}`;
  const { created } = await makePartitions(database.pool, { from, to: from });
  expect(created).toContain(name);
  const { dropped } = await keepPartitions(database.pool, { log: 30, errors: 90, rows: 400 });
  expect(dropped).toContain(name);
});

test("a webhook without a doubt that is redelivered stays without one", async () => {
  await acceptMany(1);
  const [id = ""] = await deliver(lanes.first, () => ({ doubt: null }));
  await redeliverWebhooks(database.db, actor, channelId, [id]);
  const superseded = await database.db.supersededDelivery.findMany();
  expect(superseded).toMatchObject([{ webhookId: id, doubt: null }]);
});
