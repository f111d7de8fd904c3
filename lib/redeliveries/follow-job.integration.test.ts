import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { turnSwitch } from "#lib/channels/switch.ts";
import type { Database } from "#lib/db.ts";
import { countWebhooks } from "#lib/delivery-log/count.ts";
import { listWebhooks } from "#lib/delivery-log/list.ts";
import { type JobOutcome, jobOutcomes, type LogQuestion } from "#lib/delivery-log/schema.ts";
import { lanes } from "#lib/queue/claim.ts";
import { testActor as actor, createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptSome, claimSome, deliverAll, failAll } from "#testing/test-webhooks.ts";
import { followRedeliveryJob } from "./follow-job.ts";
import { forgetJobs } from "./forget-jobs.ts";
import { startRedeliveryJob } from "./jobs.ts";
import { listRedeliveryJobs } from "./list-jobs.ts";
import { stepRedeliveryJob } from "./step-job.ts";
import { withoutDelivered } from "./without-delivered.ts";

let database: Database;
let channelId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate webhook_queue, ready_channels, webhooks, superseded_deliveries, redelivery_jobs, redelivery_job_webhooks cascade",
  );
  const on = { webhookUrl: "https://bot.example.com/webhook", useWebhook: true };
  ({ id: channelId } = await createChannel(database.db, on));
});

const question = (change: Partial<LogQuestion> = {}): LogQuestion => ({
  ...{ channelId, states: null, eventType: null, eventId: null, doubtful: false },
  from: new Date(Date.now() - 3_600_000),
  to: new Date(Date.now() + 60_000),
  ...change,
});

const claim = (lane: 0 | 1) => claimSome(database.pool, { lane });

/** A job over six webhooks that failed, all of them queued. */
async function jobOfSix() {
  await acceptSome(database.pool, channelId, 6);
  await failAll(database.pool, await claim(lanes.first));
  const asked = { question: question(), ratePerSecond: 30_000, expectedCount: 6 };
  const { jobId } = await startRedeliveryJob(database.db, actor, asked);
  while ((await stepRedeliveryJob(database.db)) !== null);
  return jobId;
}

async function follow(): Promise<void> {
  const again = "update redelivery_jobs set next_follow_at = now() - interval '1 second'";
  await database.pool.query(again);
  while ((await followRedeliveryJob(database.db)) !== null);
}

const shown = async () => (await listRedeliveryJobs(database.db, channelId, new Date()))[0];

test("a job ends with what became of what it queued, and each count is the list that it leads to", async () => {
  const id = await jobOfSix();
  await follow();
  const none = { delivered: 0, failed: 0, cancelled: 0, open: 6 };
  expect(await shown()).toMatchObject({ state: "done", redeliveredCount: 6, ended: none });
  const claimed = await claim(lanes.redelivery);
  await deliverAll(database.pool, claimed.slice(0, 3));
  await failAll(database.pool, claimed.slice(3, 5));
  await follow();
  const some = { delivered: 3, failed: 2, cancelled: 0, open: 1 };
  expect((await shown())?.ended).toEqual(some);
  await database.pool.query("update webhook_queue set lease = null, lease_until = null");
  await turnSwitch(database.db, actor, channelId, "useWebhook", false);
  await follow();
  expect((await shown())?.ended).toEqual({ delivered: 3, failed: 2, cancelled: 1, open: 0 });
  // What happens to them later is not what the job did.
  await turnSwitch(database.db, actor, channelId, "useWebhook", true);
  const partOf = async (came: JobOutcome) => {
    const asked = question({ job: { id, came } });
    const { endedCount, waitingCount } = await countWebhooks(database.db, asked);
    const page = await listWebhooks(database.db, asked, null);
    expect(page.webhooks).toHaveLength(endedCount + waitingCount);
    return endedCount + waitingCount;
  };
  expect(await Promise.all(jobOutcomes.map(partOf))).toEqual([5, 3, 2, 1, 0]);
});

test("what failed in one job is redelivered by another, and nobody reads a job of another channel", async () => {
  const id = await jobOfSix();
  const claimed = await claim(lanes.redelivery);
  await deliverAll(database.pool, claimed.slice(0, 4));
  await failAll(database.pool, claimed.slice(4));
  await follow();
  const failed = question({ job: { id, came: "failed" } });
  const { jobId } = await startRedeliveryJob(database.db, actor, {
    ...{ question: failed, ratePerSecond: 30_000, expectedCount: 2 },
  });
  while ((await stepRedeliveryJob(database.db)) !== null);
  expect(await database.db.redeliveryJobWebhook.count({ where: { jobId } })).toBe(2);
  const { id: other } = await createChannel(database.db);
  const foreign = question({ channelId: other, job: { id, came: null } });
  expect((await listWebhooks(database.db, foreign, null)).webhooks).toEqual([]);
});

test("a redelivery that has further attempts before it has not ended", async () => {
  await turnSwitch(database.db, actor, channelId, "webhookRedelivery", true);
  await acceptSome(database.pool, channelId, 1);
  await failAll(database.pool, await claim(lanes.first), []);
  const asked = { question: question(), ratePerSecond: 30_000, expectedCount: 1 };
  await startRedeliveryJob(database.db, actor, asked);
  while ((await stepRedeliveryJob(database.db)) !== null);
  await failAll(database.pool, await claim(lanes.redelivery), [600_000]);
  await follow();
  expect((await shown())?.ended).toEqual({ delivered: 0, failed: 0, cancelled: 0, open: 1 });
});

test("delivered webhooks are redelivered only where somebody said so", async () => {
  const asked = { question: question() };
  expect(withoutDelivered(asked.question, true)?.states).toBeNull();
  expect(withoutDelivered(asked.question, false)?.states).not.toContain("delivered");
  expect(withoutDelivered(question({ states: ["delivered"] }), false)).toBeNull();
  expect(withoutDelivered(question({ doubtful: true }), false)).toBeNull();
  expect(withoutDelivered(question({ states: ["delivered", "failed"] }), false)?.states).toEqual([
    "failed",
  ]);
});

test("a channel goes without what its jobs queued, which is let go in parts afterwards", async () => {
  const jobId = await jobOfSix();
  const kept = () => database.db.redeliveryJobWebhook.count({ where: { jobId } });
  await database.db.channel.delete({ where: { id: channelId } });
  expect(await kept()).toBe(6);
  await forgetJobs(database.pool, { logDays: 30 });
  expect(await kept()).toBe(0);
});

test("old jobs are let go with what they queued, and others keep theirs", async () => {
  const old = await jobOfSix();
  await follow();
  await database.pool.query(
    "update redelivery_jobs set finished_at = now() - interval '31 days' where id = $1",
    [old],
  );
  const young = await jobOfSix();
  await forgetJobs(database.pool, { logDays: 30 });
  const { rows } = await database.pool.query(
    "select job_id::text as id, count(*)::int as count from redelivery_job_webhooks group by 1",
  );
  expect(rows).toEqual([{ id: young, count: 6 }]);
  expect(await database.db.redeliveryJob.count({ where: { id: old } })).toBe(0);
});
