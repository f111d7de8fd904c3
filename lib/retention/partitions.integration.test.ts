import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { envSchema } from "#lib/env-schema.ts";
import { redeliveryDelayMs } from "#lib/queue/schedule.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { inspectPartitions } from "./inspect-partitions.ts";
import { makePartitions } from "./make-partitions.ts";
import { partitionedTables } from "./partitioned-tables.ts";
import { keepPartitions } from "./partitions.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const retention = { log: 30, errors: 90, rows: 400 };
const daysFromNow = (days: number): Date => new Date(Date.now() + days * 86_400_000);
const nameOf = (table: string, days: number): string =>
  `${table}_${daysFromNow(days).toISOString().slice(0, 10).replaceAll("-", "")}`;
const day = (text: string): Date => new Date(`${text}T12:00:00Z`);

const insertError = (at: Date, attempt: number) =>
  database.pool.query(
    `insert into webhook_errors (occurred_at, webhook_id, attempt, channel_id, reason, detail)
     values ($1, gen_random_uuid(), $2, '1', 'unclassified', 'x')`,
    [at, attempt],
  );

test("today and the week ahead have partitions by the database's clock, and a second call finds nothing to do", async () => {
  await database.pool.query(`drop table ${nameOf("webhook_errors", 0)}, ${nameOf("webhooks", 7)}`);
  const report = await keepPartitions(database.pool, retention);
  expect(report.created).toEqual([nameOf("webhooks", 7), nameOf("webhook_errors", 0)]);
  const again = await keepPartitions(database.pool, retention);
  expect(again).toEqual({ created: [], dropped: [], failed: [], strays: [] });
});

test("keepers that run at the same moment do not get in each other's way", async () => {
  const span = { from: day("2027-01-30") };
  const reports = await Promise.all([1, 2, 3, 4, 5].map(() => makePartitions(database.pool, span)));
  const created = reports.flatMap((report) => report.created);
  expect(new Set(created).size).toBe(created.length);
  expect(created).toContain("webhook_errors_20270130");
  expect(created).toContain("webhook_errors_20270206");
  expect(created).toContain("error_rows_202702");
  expect(reports.flatMap((report) => report.failed)).toEqual([]);
});

test("rows that came before their partition are moved into it, and none is lost", async () => {
  await insertError(day("2028-03-05"), 1);
  await makePartitions(database.pool, { from: day("2028-03-05") });
  const { rows } = await database.pool.query(
    "select tableoid::regclass::text as home from webhook_errors where attempt = 1",
  );
  expect(rows).toEqual([{ home: "webhook_errors_20280305" }]);
});

test("a row that lies in no partition is reported", async () => {
  await insertError(day("1999-01-01"), 2);
  const report = await keepPartitions(database.pool, retention);
  expect(report.strays).toEqual(["webhook_errors"]);
  await database.pool.query("delete from webhook_errors_default");
});

test("what ended a little after its partition had gone goes when retention ends it", async () => {
  await database.pool.query(
    "insert into webhook_errors (occurred_at, webhook_id, attempt, channel_id, reason, detail) values (now() - interval '93 days', gen_random_uuid(), 6, '1', 'unclassified', 'x')",
  );
  expect((await keepPartitions(database.pool, retention)).strays).toEqual([]);
});

test("what the longest schedule that may be set ends last is no stray, however short the log is kept", async () => {
  const { REDELIVERY_SCHEDULE: schedule } = envSchema.parse({ REDELIVERY_SCHEDULE: "168h" });
  const delayMs = redeliveryDelayMs({
    failures: 1,
    statusCode: null,
    retryAfterMs: null,
    scheduleMs: schedule,
    random: 0.999,
  });
  await database.pool.query(
    `insert into webhooks (accepted_at, id, channel_id, state, attempts, event_count, finished_at, body)
     values (now() - $1::float8 * interval '1 ms', gen_random_uuid(), '1', 'stopped', 2, 1, now(), '')`,
    [delayMs],
  );
  expect((await keepPartitions(database.pool, { ...retention, log: 1 })).strays).toEqual([]);
});

test("a partition that somebody reads is not dropped yet: others are, writing goes on, and the next call drops it", async () => {
  const at = daysFromNow(-100);
  await makePartitions(database.pool, { from: at, to: at });
  const reader = await database.pool.connect();
  try {
    await reader.query("begin");
    await reader.query("select from webhook_errors where occurred_at = $1", [at]);
    const keeping = keepPartitions(database.pool, retention);
    // Written while the reader still reads and the keeper tries: a keeper that waited on would hold this up for ever.
    await insertError(daysFromNow(-99), 3);
    const report = await keeping;
    expect(report.dropped).toContain(nameOf("webhooks", -100));
    expect(report.dropped.filter((name) => name.startsWith("webhook_errors"))).toEqual([]);
    expect(report.failed).toEqual([
      {
        name: expect.stringContaining("webhook_errors_"),
        message: expect.stringContaining("lock"),
      },
    ]);
    await reader.query("rollback");
    const again = await keepPartitions(database.pool, retention);
    expect(again.failed).toEqual([]);
    expect(again.dropped).toContain(nameOf("webhook_errors", -100));
  } finally {
    reader.release();
  }
});

test("a table whose default partition somebody holds keeps none of the others from being kept", async () => {
  const at = daysFromNow(-500);
  await makePartitions(database.pool, { from: at, to: at });
  const holder = await database.pool.connect();
  try {
    await holder.query("begin");
    await holder.query("lock table webhooks_default in access exclusive mode");
    const report = await keepPartitions(database.pool, retention);
    expect(report.failed.map(({ name }) => name)).toContain("webhooks_default");
    for (const { table } of partitionedTables.filter(({ table }) => table !== "webhooks")) {
      expect(report.dropped.some((name) => name.startsWith(table))).toBe(true);
    }
  } finally {
    await holder.query("rollback");
    holder.release();
  }
});

test("the catalogue tells of a keeper that does not run, of what is overdue, and of rows without a partition", async () => {
  const keepAll = { log: 99_999, errors: 99_999, rows: 99_999 };
  await database.pool.query("delete from webhook_errors_default");
  for (const at of ["2034-01-10", "2035-02-20"]) {
    await makePartitions(database.pool, { from: day(at) });
  }
  const look = (now: string, keep = keepAll) => inspectPartitions(database.pool, keep, day(now));
  expect(await look("2035-02-20")).toEqual({
    daysAhead: 7,
    overdue: [],
    strays: [],
    isAlarming: false,
  });
  expect(await look("2035-02-26")).toMatchObject({ daysAhead: 1, isAlarming: true });
  expect(await look("2035-04-01")).toMatchObject({ daysAhead: 0, isAlarming: true });
  const overdue = await look("2035-02-20", { ...keepAll, errors: 30 });
  expect(overdue.isAlarming).toBe(true);
  expect(overdue.overdue).toContain("webhook_errors_20340110");
  await insertError(day("1999-01-01"), 4);
  expect(await look("2035-02-20")).toMatchObject({ strays: ["webhook_errors"], isAlarming: true });
});

test("a partition is dropped when its whole span is older than the retention, not before", async () => {
  const at = daysFromNow(-33);
  await makePartitions(database.pool, { from: at, to: at });
  const { dropped } = await keepPartitions(database.pool, retention);
  expect(dropped).toContain(nameOf("webhooks", -32));
  // Its first hours are older than 30 days, its last are not.
  expect(dropped).not.toContain(nameOf("webhooks", -30));
  expect(dropped).not.toContain(nameOf("webhook_errors", -32));
});

test("what retention keeps the database itself does not drop, whatever the keeper believes", async () => {
  // The keeper is told another time than the database drops by.
  const liar: Pick<Database["pool"], "query"> = Object.create(database.pool, {
    query: {
      value: async (sql: string, values?: unknown[]) =>
        sql.includes("as now")
          ? { rows: [{ now: daysFromNow(40) }] }
          : database.pool.query(sql, values),
    },
  });
  const report = await keepPartitions(liar, retention);
  expect(report.dropped).toEqual([]);
  expect(report.failed).toContainEqual({
    name: expect.stringMatching(/^webhooks_/),
    message: expect.stringContaining("is not older than 30 days by the clock of the database"),
  });
});
