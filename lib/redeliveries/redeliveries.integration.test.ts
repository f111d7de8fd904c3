import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { turnSwitch } from "#lib/channels/switch.ts";
import type { Database } from "#lib/db.ts";
import { anyOutcome, type LogQuestion } from "#lib/delivery-log/schema.ts";
import { type ClaimedWebhook, lanes } from "#lib/queue/claim.ts";
import { markRedelivery } from "#lib/queue/events.ts";
import { testActor as actor, createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptSome, claimSome, deliverAll, failAll } from "#testing/test-webhooks.ts";
import { cancelRedeliveryJob, startRedeliveryJob } from "./jobs.ts";
import { redeliverWebhooks } from "./redeliver.ts";
import { dueMax, type JobStep, stepRedeliveryJob } from "./step-job.ts";

let database: Database;
let channelId: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate webhook_queue, ready_channels, webhooks, superseded_deliveries, redelivery_jobs cascade",
  );
  ({ id: channelId } = await createChannel(database.db, on));
});

const on = {
  webhookUrl: "https://bot.example.com/webhook",
  useWebhook: true,
  webhookRedelivery: false,
  errorStatisticsAggregation: true,
};

const claim = (lane: 0 | 1) => claimSome(database.pool, { lane });
const fail = (webhooks: readonly ClaimedWebhook[]) => failAll(database.pool, webhooks, [5_000]);
const deliver = (webhooks: readonly ClaimedWebhook[]) => deliverAll(database.pool, webhooks);

const acceptEvents = (
  channel: string,
  count = 1,
  event: { type: string } | string = { type: "follow" },
) =>
  acceptSome(
    database.pool,
    channel,
    count,
    typeof event === "string" ? event : JSON.stringify(event),
  );

/** Webhooks whose first attempt failed; Webhook redelivery is off, so that they have ended. */
async function acceptFailed(count: number): Promise<string[]> {
  const ids = await acceptEvents(channelId, count);
  await fail(await claim(lanes.first));
  return ids;
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

const startJob = (asked = question(), ratePerSecond = 30_000) =>
  startRedeliveryJob(database.db, actor, { question: asked, ratePerSecond, expectedCount: null });

/** Steps every job until none is due, as a worker does; what was queued is delivered in between. */
async function stepAll(): Promise<JobStep[]> {
  const reports: JobStep[] = [];
  for (let idle = 0; idle < 50; ) {
    const report = await stepRedeliveryJob(database.db);
    await makeJobsDue();
    if (report !== null) reports.push(report);
    const claimed = await claim(lanes.redelivery);
    await deliver(claimed);
    idle = report === null && claimed.length === 0 ? idle + 1 : 0;
    if (report === null && (await running()) === 0) break;
  }
  return reports;
}

const running = () => database.db.redeliveryJob.count({ where: { state: "running" } });
const jobOf = (id: string) =>
  database.db.redeliveryJob.findUniqueOrThrow({
    where: { id },
    select: {
      state: true,
      stopReason: true,
      matchedCount: true,
      redeliveredCount: true,
      waitingCount: true,
      takenCount: true,
    },
  });
const states = async () => {
  const rows = await database.db.webhook.groupBy({ by: ["state", "attempts"], _count: true });
  return rows.map((row) => `${row._count} ${row.state} ${row.attempts}`).sort();
};

const makeJobsDue = () =>
  database.pool.query("update redelivery_jobs set next_step_at = now() - interval '1 second'");

test("a redelivered webhook keeps its id, is a further attempt, and its log row tells of the new end", async () => {
  const [id = ""] = await acceptFailed(1);
  expect(await states()).toEqual(["1 failed 1"]);
  expect(await redeliverWebhooks(database.db, actor, channelId, [id])).toEqual({
    redelivered: 1,
    waiting: 0,
    gone: 0,
  });
  expect(await database.db.webhook.count()).toBe(0);
  const [again] = await claim(lanes.redelivery);
  expect(again).toMatchObject({ id, attempt: 2, failures: 0 });
  await deliver(again === undefined ? [] : [again]);
  expect(await states()).toEqual(["1 delivered 2"]);
  expect(await database.db.deliveredMinute.count({ where: { channelId } })).toBe(1);
  expect(
    await database.db.auditEntry.count({ where: { action: "webhooks_redelivered", targetId: id } }),
  ).toBe(1);
});

test("the entry of a job in the audit log names the filters that it was started with", async () => {
  const outcome = { ...anyOutcome, reason: "request_timeout", answerToMs: 1_000 } as const;
  const first = await startJob(question({ states: ["failed"], outcome }));
  const ended = { from: new Date("2026-11-22T01:41Z"), to: new Date("2026-11-22T01:47Z") };
  await startJob(question({ ended, job: { id: first.jobId, came: "failed" }, sourceId: "C1" }));
  const entries = await database.db.auditEntry.findMany({
    where: { channelId, action: "redelivery_job_started" },
    orderBy: { id: "asc" },
  });
  expect(entries).toMatchObject([
    { after: { states: ["failed"], reason: "request_timeout", answerToMs: 1_000 } },
    {
      after: {
        ...{ endedFrom: ended.from.toISOString(), endedTo: ended.to.toISOString() },
        ...{ ofJob: first.jobId, cameTo: "failed", sourceId: "C1" },
      },
    },
  ]);
});

test("a redelivery that fails ends like a first attempt, is counted once more, and begins the schedule anew", async () => {
  const [id = ""] = await acceptFailed(1);
  await redeliverWebhooks(database.db, actor, channelId, [id]);
  await fail(await claim(lanes.redelivery));
  expect(await states()).toEqual(["1 failed 2"]);
  await turnSwitch(database.db, actor, channelId, "webhookRedelivery", true);
  await redeliverWebhooks(database.db, actor, channelId, [id]);
  await fail(await claim(lanes.redelivery));
  expect(await database.db.queuedWebhook.findUnique({ where: { id } })).toMatchObject({
    attempt: 3,
    failures: 1,
    lane: 1,
  });
  const counted = await database.db.errorRow.aggregate({
    where: { channelId },
    _sum: { errorCount: true, firstAttemptCount: true },
  });
  expect(counted._sum).toEqual({ errorCount: 3, firstAttemptCount: 1 });
  const attempts = await database.db.webhookAttempt.findMany({ where: { webhookId: id } });
  expect(attempts.map((one) => one.attempt).sort()).toEqual([1, 2, 3]);
});

test("a delivered webhook can be redelivered, and the attempt that delivered it is not forgotten", async () => {
  const [id = ""] = await acceptEvents(channelId);
  await deliver(await claim(lanes.first));
  await redeliverWebhooks(database.db, actor, channelId, [id]);
  await deliver(await claim(lanes.redelivery));
  expect(await states()).toEqual(["1 delivered 2"]);
  expect(await database.db.supersededDelivery.findMany()).toMatchObject([
    { webhookId: id, attempt: 1, statusCode: 200, channelId },
  ]);
});

test("what waits is left alone; what is not of the channel or not kept is gone", async () => {
  const [ended = ""] = await acceptFailed(1);
  const [waiting = ""] = await acceptEvents(channelId);
  const other = await createChannel(database.db, on);
  const [foreign = ""] = await acceptEvents(other.id);
  await fail((await claim(lanes.first)).filter((one) => one.channelId === other.id));
  await database.pool.query("update webhook_queue set lease = null, lease_until = null");
  const unknown = "019b0000-0000-7000-8000-000000000001";
  expect(
    await redeliverWebhooks(database.db, actor, channelId, [ended, waiting, foreign, unknown]),
  ).toEqual({ redelivered: 1, waiting: 1, gone: 2 });
  expect(await database.db.webhook.count({ where: { channelId: other.id } })).toBe(1);
});

test.each([
  ["redeliver_webhook_off", { useWebhook: false }],
  ["redeliver_no_url", { webhookUrl: null }],
])("without a way to send it is refused politely: %s", async (key, change) => {
  const ids = await acceptFailed(1);
  await database.db.channel.update({ where: { id: channelId }, data: change });
  await expect(redeliverWebhooks(database.db, actor, channelId, ids)).rejects.toMatchObject({
    code: "conflict",
    key,
  });
  await expect(startJob()).rejects.toMatchObject({ code: "conflict", key });
  expect(await states()).toEqual(["1 failed 1"]);
});

test("while sending is suspended it is refused too", async () => {
  const ids = await acceptFailed(1);
  await database.pool.query("update endpoint_health set suspended_at = now()");
  await expect(redeliverWebhooks(database.db, actor, channelId, ids)).rejects.toMatchObject({
    key: "redeliver_suspended",
  });
});

test("two people who redeliver the same webhooks at the same moment redeliver each once", async () => {
  const ids = await acceptFailed(60);
  const reports = await Promise.all(
    [ids, ids.toReversed(), ids].map((some) =>
      redeliverWebhooks(database.db, actor, channelId, some),
    ),
  );
  expect(reports.reduce((sum, one) => sum + one.redelivered, 0)).toBe(60);
  expect(await database.db.queuedWebhook.count()).toBe(60);
  expect(await database.db.webhook.count()).toBe(0);
});

test("a job redelivers what matches and nothing else, and its counts are exact", async () => {
  await acceptFailed(130);
  await acceptEvents(channelId, 20);
  await deliver(await claim(lanes.first));
  await acceptEvents(channelId, 5);
  const { jobId } = await startJob(question({ states: ["failed", "waiting"] }));
  await stepAll();
  expect(await jobOf(jobId)).toEqual({
    state: "done",
    stopReason: null,
    matchedCount: 135,
    redeliveredCount: 130,
    waitingCount: 5,
    takenCount: 0,
  });
  expect(await states()).toEqual(["130 delivered 2", "20 delivered 1"]);
});

test("a job never has more in the lane than there is room for", async () => {
  await acceptFailed(100);
  const { jobId } = await startJob();
  for (let step = 0; step < 10; step += 1) {
    await stepRedeliveryJob(database.db);
    await makeJobsDue();
  }
  expect(await database.db.queuedWebhook.count()).toBe(dueMax);
  expect(await jobOf(jobId)).toMatchObject({ state: "running", redeliveredCount: dueMax });
});

test("a job that asks for more than this version knows is left to a newer worker, whole", async () => {
  await acceptFailed(5);
  const { jobId } = await startJob();
  await database.pool.query(
    `update redelivery_jobs set filter = filter || '{"mood": "grumpy"}' where id = $1`,
    [jobId],
  );
  await expect(stepRedeliveryJob(database.db)).rejects.toThrow("mood");
  expect(await database.db.queuedWebhook.count()).toBe(0);
  expect(await jobOf(jobId)).toMatchObject({ state: "running", redeliveredCount: 0 });
  await database.db.redeliveryJob.delete({ where: { id: jobId } });
});

test("a job's speed bounds what a step redelivers", async () => {
  await acceptFailed(40);
  await startJob(question(), 20);
  const { rows } = await database.pool.query<{ now: string }>("select now()::text as now");
  expect(await stepRedeliveryJob(database.db)).toMatchObject({ redelivered: 4 });
  const { rows: paced } = await database.pool.query(
    "select next_step_at >= $1::timestamptz + interval '200 ms' as is_paced from redelivery_jobs",
    [rows[0]?.now],
  );
  expect(paced).toEqual([{ is_paced: true }]);
  await database.pool.query(
    "update redelivery_jobs set next_step_at = now() - interval '1 second' + interval '1 hour'",
  );
  expect(await stepRedeliveryJob(database.db)).toBeNull();
});

test("workers that step several jobs over the same webhooks at once redeliver each at most once a job", async () => {
  const ids = await acceptFailed(200);
  const jobs = [await startJob(), await startJob(), await startJob()];
  const redelivered = new Map<string, number>();
  const work = async () => {
    for (let tries = 0; tries < 2_000 && (await running()) > 0; tries += 1) {
      await stepRedeliveryJob(database.db);
      await database.pool.query(
        "update redelivery_jobs set next_step_at = now() - interval '1 second' where id in (select id from redelivery_jobs where state = 'running' for update skip locked)",
      );
      const claimed = await claim(lanes.redelivery);
      for (const one of claimed) redelivered.set(one.id, (redelivered.get(one.id) ?? 0) + 1);
      await deliver(claimed);
    }
  };
  await Promise.all([work(), work(), work()]);
  await deliver(await claim(lanes.redelivery));
  const reports = await Promise.all(jobs.map((job) => jobOf(job.jobId)));
  for (const job of reports) {
    expect(job).toMatchObject({ state: "done", matchedCount: 200 });
    expect(job.redeliveredCount + job.waitingCount + job.takenCount).toBe(200);
  }
  const rows = await database.db.webhook.findMany({ select: { id: true, attempts: true } });
  expect(rows.map((row) => row.id).sort()).toEqual(ids);
  const begun = rows.reduce((sum, row) => sum + row.attempts - 1, 0);
  expect(begun).toBe(reports.reduce((sum, job) => sum + job.redeliveredCount, 0));
  expect(Math.max(...redelivered.values())).toBeLessThanOrEqual(jobs.length);
});

test("a step reads bodies outside of its transaction: reading may take longer than one may last", async () => {
  await acceptEvents(channelId, 3, { type: "postback" });
  await fail(await claim(lanes.first));
  const { jobId } = await startJob(question({ eventType: "postback" }));
  const client = await database.pool.connect();
  await client.query("begin");
  await client.query("lock table webhooks in access exclusive mode");
  const step = stepRedeliveryJob(database.db);
  // Longer than the five seconds of Prisma's transactions.
  await new Promise((wake) => setTimeout(wake, 7_000));
  await client.query("commit");
  client.release();
  await expect(step).resolves.toMatchObject({ jobId, redelivered: 3 });
});

test("a job by event type goes through bodies too large to be read along, step by step, to its end", async () => {
  const large = { type: "postback", postback: { data: "x".repeat(200_000) } };
  await acceptEvents(channelId, 90, large);
  await fail(await claim(lanes.first));
  const { jobId } = await startJob(question({ eventType: "postback" }));
  await stepRedeliveryJob(database.db);
  const job = await jobOf(jobId);
  expect(job).toMatchObject({ state: "running", matchedCount: job.redeliveredCount });
  await stepAll();
  expect(await jobOf(jobId)).toMatchObject({ state: "done", redeliveredCount: 90 });
});

test("a step whose transaction fails leaves job, log and queue as they were", async () => {
  await acceptFailed(10);
  const { jobId } = await startJob();
  await database.pool.query(`
    create function refuse_queue() returns trigger language plpgsql as $$ begin raise exception 'no room'; end $$;
    create trigger refuse_queue before insert on webhook_queue for each row execute function refuse_queue()`);
  await expect(stepRedeliveryJob(database.db)).rejects.toThrow("no room");
  await database.pool.query("drop function refuse_queue cascade");
  expect(await jobOf(jobId)).toMatchObject({ state: "running", redeliveredCount: 0 });
  expect(await states()).toEqual(["10 failed 1"]);
  // It is put off, so that it does not stand before other jobs.
  expect(await stepRedeliveryJob(database.db)).toBeNull();
  await makeJobsDue();
  await stepAll();
  expect(await jobOf(jobId)).toMatchObject({ state: "done", redeliveredCount: 10 });
});

test("a running job stops with its reason when Use webhook is turned off; what it had queued ends as cancelled", async () => {
  await acceptFailed(100);
  const { jobId } = await startJob();
  await stepRedeliveryJob(database.db);
  await turnSwitch(database.db, actor, channelId, "useWebhook", false);
  await makeJobsDue();
  await stepRedeliveryJob(database.db);
  expect(await jobOf(jobId)).toMatchObject({
    state: "stopped",
    stopReason: "webhook_off",
    redeliveredCount: dueMax,
  });
  expect(await states()).toEqual([`${dueMax} cancelled 1`, `${100 - dueMax} failed 1`].sort());
  expect(await database.db.queuedWebhook.count()).toBe(0);
});

test("a cancelled job queues no more, and cannot be cancelled again", async () => {
  await acceptFailed(100);
  const { jobId } = await startJob();
  await stepRedeliveryJob(database.db);
  await cancelRedeliveryJob(database.db, actor, channelId, jobId);
  await makeJobsDue();
  expect(await stepRedeliveryJob(database.db)).toBeNull();
  expect(await jobOf(jobId)).toMatchObject({ state: "cancelled", redeliveredCount: dueMax });
  await expect(cancelRedeliveryJob(database.db, actor, channelId, jobId)).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(cancelRedeliveryJob(database.db, actor, "1000000000", jobId)).rejects.toMatchObject({
    code: "not_found",
  });
});

test("a job by event type redelivers webhooks with such an event, not those that merely mention it", async () => {
  const odd = { type: "postback", postback: { data: "\u0000 odd" } };
  const mention = { type: "message", message: { type: "postback", text: '"type":"postback"' } };
  await acceptEvents(channelId, 1, odd);
  await acceptEvents(channelId, 1, mention);
  await acceptEvents(channelId);
  await fail(await claim(lanes.first));
  const { jobId } = await startJob(question({ eventType: "postback" }));
  await stepAll();
  expect(await jobOf(jobId)).toMatchObject({ state: "done", matchedCount: 1, redeliveredCount: 1 });
});

test("a job redelivers what bodies hold that no double, no stack and no jsonb of PostgreSQL holds, as it was written", async () => {
  const written = [
    '{ "type" : "postback", "n":[1e400,-0,12345678901234567890], "s":"\\u0000\\ud800" }',
    String.raw`{"type":"post\u0062ack","a":1,"a":2}`,
  ];
  const ids: string[] = [];
  for (const event of written) ids.push(...(await acceptEvents(channelId, 1, event)));
  const deep = `{"destination":"U1","events":[{"type":"postback","deep":${"[".repeat(4_100)}${"]".repeat(4_100)},"deliveryContext":{"isRedelivery":false}}]}`;
  const [old = ""] = await acceptEvents(channelId);
  await database.pool.query("update webhook_queue set body = $1 where id = $2", [deep, old]);
  await fail(await claim(lanes.first));
  const { jobId } = await startJob(question({ eventType: "postback" }));
  while ((await running()) > 0) {
    await stepRedeliveryJob(database.db);
    await makeJobsDue();
  }
  expect(await jobOf(jobId)).toMatchObject({ state: "done", redeliveredCount: 3 });
  const claimed = new Map((await claim(lanes.redelivery)).map(({ id, body }) => [id, body]));
  for (const [index, event] of written.entries()) {
    expect(claimed.get(ids[index] ?? "")).toContain(event.slice(0, -2));
  }
  expect(markRedelivery(claimed.get(old) ?? "")).toBe(deep.replace("false", "true"));
});

test("so many jobs of a channel run at once, and no more", async () => {
  for (let count = 0; count < 5; count += 1) await startJob();
  await expect(startJob()).rejects.toMatchObject({ key: "redelivery_jobs_max" });
});
