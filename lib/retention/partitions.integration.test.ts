import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { createTestDatabase } from "#prisma/test-database.ts";
import { inspectPartitions } from "./inspect-partitions.ts";
import { keepPartitions } from "./partitions.ts";

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const retention = { log: 30, errors: 90, rows: 400 };
const day = (text: string): Date => new Date(`${text}T12:00:00Z`);

const insertError = (at: Date, attempt: number) =>
  database.pool.query(
    `insert into webhook_errors (occurred_at, webhook_id, attempt, channel_id, reason, detail)
     values ($1, gen_random_uuid(), $2, '1', 'unclassified', 'x')`,
    [at, attempt],
  );

test("today and the week ahead have partitions, and a second call finds nothing to do", async () => {
  const report = await keepPartitions(database.pool, day("2025-03-10"), retention);
  expect(report.created).toContain("webhook_errors_20250310");
  expect(report.created).toContain("webhook_errors_20250317");
  expect(report.created).toContain("error_rows_202503");
  const again = await keepPartitions(database.pool, day("2025-03-10"), retention);
  expect(again).toEqual({ created: [], dropped: [], failed: [], strays: [] });
});

test("keepers that run at the same moment do not get in each other's way", async () => {
  const reports = await Promise.all(
    [1, 2, 3].map(() =>
      keepPartitions(database.pool, day("2027-01-30"), { log: 9999, errors: 9999, rows: 9999 }),
    ),
  );
  expect(reports.filter((report) => report.created.length > 0)).toHaveLength(1);
});

test("rows that came before their partition are moved into it, and none is lost", async () => {
  await insertError(day("2028-03-05"), 1);
  const report = await keepPartitions(database.pool, day("2028-03-05"), {
    log: 9999,
    errors: 9999,
    rows: 9999,
  });
  expect(report.strays).toEqual([]);
  const { rows } = await database.pool.query(
    "select tableoid::regclass::text as home from webhook_errors where attempt = 1",
  );
  expect(rows).toEqual([{ home: "webhook_errors_20280305" }]);
});

test("a row that lies in no partition is reported", async () => {
  await insertError(day("1999-01-01"), 2);
  const report = await keepPartitions(database.pool, day("2028-03-05"), {
    log: 9999,
    errors: 9999,
    rows: 9999,
  });
  expect(report.strays).toEqual(["webhook_errors"]);
});

test("a partition that somebody reads is not dropped yet: others are, writing goes on, and the next call drops it", async () => {
  const at = day("2033-05-01");
  const keepAll = { log: 99_999, errors: 99_999, rows: 99_999 };
  await keepPartitions(database.pool, at, keepAll);
  const reader = await database.pool.connect();
  try {
    await reader.query("begin");
    await reader.query("select from webhook_errors where occurred_at = $1", [at]);
    const later = day("2033-06-02");
    const keeping = keepPartitions(database.pool, later, { ...keepAll, log: 30, errors: 30 });
    // Written while the reader still reads and the keeper tries: a keeper that waited on would hold this up for ever.
    await insertError(day("2033-05-02"), 3);
    const report = await keeping;
    expect(report.dropped).toContain("webhooks_20330501");
    expect(report.dropped.filter((name) => name.startsWith("webhook_errors"))).toEqual([]);
    expect(report.failed).toEqual([
      {
        name: expect.stringContaining("webhook_errors_"),
        message: expect.stringContaining("lock"),
      },
    ]);
    await reader.query("rollback");
    const again = await keepPartitions(database.pool, later, { ...keepAll, log: 30, errors: 30 });
    expect(again.failed).toEqual([]);
    expect(again.dropped).toContain("webhook_errors_20330501");
  } finally {
    reader.release();
  }
});

test("the catalogue tells of a keeper that does not run, of what is overdue, and of rows without a partition", async () => {
  const keepAll = { log: 99_999, errors: 99_999, rows: 99_999 };
  await database.pool.query("delete from webhook_errors_default");
  for (const at of ["2034-01-10", "2035-02-20"]) {
    await keepPartitions(database.pool, day(at), keepAll);
  }
  const look = (now: string, keep = keepAll) => inspectPartitions(database.pool, day(now), keep);
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
  const at = day("2030-05-01");
  const keepAll = { log: 99_999, errors: 99_999, rows: 99_999 };
  await keepPartitions(database.pool, at, keepAll);
  const onTheDay = await keepPartitions(database.pool, day("2030-05-31"), { ...keepAll, log: 30 });
  expect(onTheDay.dropped).not.toContain("webhooks_20300501");
  const after = await keepPartitions(database.pool, day("2030-06-02"), { ...keepAll, log: 30 });
  expect(after.dropped).toContain("webhooks_20300501");
  expect(after.dropped).not.toContain("webhook_errors_20300501");
});
