import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { bucketOf, bucketStartsMs } from "#lib/answer-times/buckets.ts";
import { toPoint } from "#lib/answer-times/percentile.ts";
import { readAnswerTimes, readSlow } from "#lib/answer-times/read.ts";
import type { Database } from "#lib/db.ts";
import type { ClaimedWebhook } from "#lib/queue/claim.ts";
import type { ErrorClass } from "#lib/transport/error-class.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptSome, claimSome, deliveredOutcome, failedOutcome } from "#testing/test-webhooks.ts";
import { recordDelivered } from "./record-delivered.ts";
import { recordErrors } from "./record-errors.ts";

let database: Database;
let channelId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate webhook_queue, ready_channels, webhooks, webhook_attempts, webhook_errors, error_rows, error_hours, delivered_minutes, delivered_hours, answered_error_minutes, answered_error_hours",
  );
  const on = { useWebhook: true, errorStatisticsAggregation: true };
  ({ id: channelId } = await createChannel(database.db, {
    ...{ webhookUrl: "https://bot.example.com/webhook", ...on },
  }));
});

const options = { scheduleMs: [], notificationWindowMs: 300_000, random: () => 0.5 };
const timeout: ErrorClass = {
  reason: "request_timeout",
  detail: "Request timeout",
  statusCode: null,
};

async function claim(count: number): Promise<ClaimedWebhook[]> {
  await acceptSome(database.pool, channelId, count);
  return claimSome(database.pool);
}

const deliver = (claimed: readonly ClaimedWebhook[], headers: number) =>
  recordDelivered(
    database.pool,
    claimed.map((webhook) => ({
      webhook,
      outcome: { ...deliveredOutcome(), times: { headers, total: headers } },
    })),
  );

const fail = (claimed: readonly ClaimedWebhook[], headers: number, error?: ErrorClass) =>
  recordErrors(
    database.pool,
    claimed.map((webhook) => {
      const outcome = failedOutcome(503);
      const times = error === undefined ? { headers, total: headers } : { total: headers };
      return { webhook, outcome: { ...outcome, times, error: error ?? outcome.error } };
    }),
    options,
  );

/** The sums that have to agree, over all that was counted. */
async function sums() {
  const { rows } = await database.pool.query(`
    select (select coalesce(sum(delivered_count), 0)::int from delivered_minutes) as delivered,
           (select coalesce(sum(n), 0)::int from delivered_minutes, unnest(answers) n) as "deliveredAnswers",
           (select coalesce(sum(error_count), 0)::int from error_rows where status_code is not null) as errors,
           (select coalesce(sum(n), 0)::int from answered_error_minutes, unnest(answers) n) as "errorAnswers",
           (select coalesce(sum(n), 0)::int from delivered_hours, unnest(answers) n) as "deliveredHours",
           (select coalesce(sum(n), 0)::int from answered_error_hours, unnest(answers) n) as "errorHours"`);
  const { deliveredHours, errorHours, ...found } = rows[0];
  expect([deliveredHours, errorHours]).toEqual([found.deliveredAnswers, found.errorAnswers]);
  return found;
}

async function read() {
  const now = Date.now();
  const range = { from: new Date(now - 3_600_000), to: new Date(now + 3_600_000) };
  const [counts] = await readAnswerTimes(database.db, channelId, { ...range, minutes: 120 });
  if (counts === undefined) throw new Error("no stretch");
  return toPoint(range.from, counts);
}

test("each delivered and each answered attempt is counted into one bucket, in the batches in which they come", async () => {
  await deliver(await claim(30), 20);
  await deliver(await claim(5), 1_800);
  await fail(await claim(4), 300);
  await fail(await claim(2), 2_000, timeout);
  await deliver(await claim(1), 2_001);
  expect(await sums()).toEqual({
    ...{ delivered: 36, deliveredAnswers: 36 },
    errors: 4,
    errorAnswers: 4,
  });
  const point = await read();
  expect(point.count).toBe(42);
  expect(point.p50Ms).toBeLessThanOrEqual(25);
  expect(point.p95Ms).toBeGreaterThan(1_750);
});

test("what is recorded twice, or after its lease was lost, is counted once", async () => {
  const claimed = await claim(3);
  await deliver(claimed, 20);
  await deliver(claimed, 20);
  const failed = await claim(3);
  await fail(failed, 20);
  await fail(failed, 20);
  expect(await sums()).toEqual({
    ...{ delivered: 3, deliveredAnswers: 3 },
    errors: 3,
    errorAnswers: 3,
  });
});

test("what fails to be recorded leaves no count behind", async () => {
  const claimed = await claim(3);
  await database.pool.query(
    "alter table webhooks add constraint stuck check (attempts < 1) not valid",
  );
  await expect(deliver(claimed, 20)).rejects.toThrow("stuck");
  await expect(fail(claimed, 20)).rejects.toThrow("stuck");
  await database.pool.query("alter table webhooks drop constraint stuck");
  expect(await sums()).toEqual({
    ...{ delivered: 0, deliveredAnswers: 0 },
    errors: 0,
    errorAnswers: 0,
  });
});

test("while aggregation is off nothing is counted; slow is told from what was", async () => {
  await deliver(await claim(40), 1_900);
  const now = new Date();
  expect((await readSlow(database.db, channelId, now))?.p95Ms).toBeGreaterThan(1_750);
  await database.db.channel.update({
    where: { id: channelId },
    data: { errorStatisticsAggregation: false },
  });
  await deliver(await claim(40), 20);
  expect((await sums()).deliveredAnswers).toBe(40);
});

/** Ten deliveries in each minute from so many minutes before `now` to so many before it. */
async function count(now: Date, answerMs: number, { from, to }: { from: number; to: number }) {
  const answers = bucketStartsMs.map((_, index) => (bucketOf(answerMs) === index + 1 ? 10 : 0));
  await database.pool.query(
    `insert into delivered_minutes (channel_id, minute, delivered_count, answers)
     select $1, date_trunc('minute', $2::timestamptz, 'UTC') - make_interval(mins => ago), 10, $3
       from generate_series($4::int, $5::int) ago`,
    [channelId, now, answers, to, from],
  );
}

test("a bot server that came near the limit hours ago, and has not been well below since, is slow", async () => {
  const now = new Date();
  await count(now, 1_800, { from: 200, to: 190 });
  await count(now, 1_300, { from: 189, to: 0 });
  expect((await readSlow(database.db, channelId, now))?.p95Ms).toBeLessThan(1_500);
});

test("a bot server to which nothing was sent for half an hour is not called slow", async () => {
  const now = new Date();
  await count(now, 1_800, { from: 58, to: 45 });
  expect(await readSlow(database.db, channelId, now)).toBeNull();
});

test("a bot server of which a whole day lies between the marks is not called slow", async () => {
  const now = new Date();
  await count(now, 1_300, { from: 1_445, to: 0 });
  expect(await readSlow(database.db, channelId, now)).toBeNull();
});

/** As `readAnswerTimes`, in parts so short that each is read by the minute. */
async function readByMinute(from: Date, to: Date, minutes: number) {
  const counts = [];
  for (let at = from.getTime(); at < to.getTime(); at += minutes * 60_000) {
    const end = new Date(Math.min(at + minutes * 60_000, to.getTime()));
    const part = { from: new Date(at), to: end, minutes };
    counts.push(...(await readAnswerTimes(database.db, channelId, part)));
  }
  return counts;
}

test.each([
  ["days", "2026-11-01T00:00Z", "2026-11-08T10:17Z", 180],
  ["days by a clock that is half an hour off", "2026-11-01T05:30Z", "2026-11-08T10:30Z", 720],
  ["a day and a half from anywhere", "2026-11-03T01:13Z", "2026-11-04T14:02Z", 60],
])(
  "the answer times of %s are read by the hour, and are those of the minutes",
  async (_what, start, end, minutes) => {
    const [from, to] = [new Date(start), new Date(end)];
    const within = [channelId, "2026-10-31T00:00Z", "2026-11-09T00:00Z"];
    const some = bucketStartsMs.map((_, index) => `(n * ${7 + index}) % 5`).join(", ");
    const minutesOf = (table: string, columns: string, values: string) => `
    insert into ${table} (channel_id, minute, ${columns})
    select $1, at, ${values} from generate_series($2::timestamptz, $3::timestamptz, '7 minutes') with ordinality as s (at, n)`;
    const hoursOf = (table: string, source: string, columns: string, sums: string) => `
    insert into ${table} (channel_id, hour, ${columns})
    select channel_id, date_trunc('hour', minute, 'UTC'), ${sums} from ${source} where channel_id = $1 group by 1, 2`;
    const sums = `array[${bucketStartsMs.map((_, index) => `sum(answers[${index + 1}])::int`).join(", ")}]`;
    await database.pool.query(
      minutesOf("delivered_minutes", "delivered_count, answers", `1, array[${some}]`),
      within,
    );
    await database.pool.query(
      minutesOf("answered_error_minutes", "answers", `array[${some}]`),
      within,
    );
    await database.pool.query(
      minutesOf(
        "error_rows",
        "reason, detail, error_count, first_attempt_count, first_at, last_at",
        "'request_timeout', 'Request timeout', n % 3, 0, at, at",
      ),
      within,
    );
    await database.pool.query(
      hoursOf("delivered_hours", "delivered_minutes", "delivered_count, answers", `1, ${sums}`),
      [channelId],
    );
    await database.pool.query(
      hoursOf("answered_error_hours", "answered_error_minutes", "answers", sums),
      [channelId],
    );
    await database.pool.query(
      hoursOf(
        "error_hours",
        "error_rows",
        "reason, detail, error_count, first_attempt_count, first_at, last_at",
        "'request_timeout', 'Request timeout', sum(error_count), 0, min(first_at), max(last_at)",
      ),
      [channelId],
    );
    const expected = await readByMinute(from, to, minutes);
    expect(expected.some(({ timeouts }) => timeouts > 0)).toBe(true);
    const read = () => readAnswerTimes(database.db, channelId, { from, to, minutes });
    expect(await read()).toEqual(expected);
    // Of hours that no stretch cuts the minutes are not looked at.
    await database.pool.query(
      `delete from delivered_minutes d where channel_id = $1 and not exists (
       select from generate_series($2::timestamptz, $3::timestamptz, make_interval(mins => $4)) edge
        where date_trunc('hour', edge, 'UTC') = date_trunc('hour', d.minute, 'UTC') and edge <> date_trunc('hour', edge, 'UTC'))
      and date_trunc('hour', minute, 'UTC') <> date_trunc('hour', $3::timestamptz, 'UTC')`,
      [channelId, from, to, minutes],
    );
    expect(await read()).toEqual(expected);
  },
);
