import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { createBelievableErrors, createErrors, makeError } from "#testing/error-factory.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { countErrorsByBucket } from "./count-by-bucket.ts";
import type { PageStart } from "./filter.ts";
import { countErrorRows, listErrorRows } from "./list-rows.ts";
import { listSingleErrors, questionOfRow } from "./list-singles.ts";
import type { ErrorQuestion } from "./question.ts";
import { rebuildErrorCounts } from "./rebuild-counts.ts";
import type { ErrorRow } from "./schema.ts";
import { streamErrors } from "./stream-errors.ts";
import { summariseErrors } from "./summarise.ts";

let database: Database;
let channelId: string;
const from = new Date("2026-10-20T00:00:00Z");
const to = new Date("2026-11-20T00:00:00Z");

beforeAll(async () => {
  database = await createTestDatabase();
  channelId = (await createChannel(database.db)).id;
  const other = await createChannel(database.db);
  await createBelievableErrors(database.pool, { channelId, from, to, count: 6_000 });
  await createBelievableErrors(database.pool, {
    channelId: other.id,
    from,
    to,
    count: 2_000,
    seed: 2,
  });
  await createErrors(database.pool, other.id, [
    makeError({ occurredAt: new Date("2026-11-19T10:00:00Z"), detail: "Unknown host" }),
  ]);
});
afterAll(() => database.close());

const nothing = { reason: null, detail: null, status: null, attempt: null } as const;
const questions: Record<string, () => ErrorQuestion> = {
  everything: () => ({ channelId, from, to, ...nothing }),
  "a range that cuts hours": () => ({
    ...nothing,
    channelId,
    from: new Date("2026-10-22T03:17:00Z"),
    to: new Date("2026-11-18T21:44:00Z"),
  }),
  "a day": () => ({
    ...nothing,
    channelId,
    from: new Date("2026-11-01T00:07:00Z"),
    to: new Date("2026-11-02T00:07:00Z"),
  }),
  "one reason": () => ({ ...nothing, channelId, from, to, reason: "request_timeout" }),
  "one detail": () => ({ ...nothing, channelId, from, to, detail: "TLS handshake failure" }),
  "server errors": () => ({ ...nothing, channelId, from, to, status: { from: 500, to: 599 } }),
  "no status code": () => ({ ...nothing, channelId, from, to, status: "none" }),
  "one status code": () => ({ ...nothing, channelId, from, to, status: { from: 503, to: 503 } }),
  "redeliveries only": () => ({ ...nothing, channelId, from, to, attempt: "redelivery" }),
  "first attempts that timed out": () => ({
    ...nothing,
    channelId,
    from,
    to,
    attempt: "first",
    reason: "request_timeout",
  }),
};

async function countRaw(question: ErrorQuestion): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::int as n from webhook_errors
      where channel_id = $1 and occurred_at >= $2 and occurred_at < $3 and ($4::text is null or reason::text = $4)
        and ($5::text is null or detail = $5) and ($6::int is null or status_code between $6 and $7)
        and (not $9::bool or status_code is null)
        and ($8::text is null or (attempt = 1) = ($8 = 'first'))`,
    [
      question.channelId,
      question.from,
      question.to,
      question.reason,
      question.detail,
      question.status === null || question.status === "none" ? null : question.status.from,
      question.status === null || question.status === "none" ? null : question.status.to,
      question.attempt,
      question.status === "none",
    ],
  );
  return rows[0]?.n ?? 0;
}

async function walk(
  question: ErrorQuestion,
  sort: "date" | "errors",
  order: "asc" | "desc",
  size: number,
): Promise<ErrorRow[]> {
  const all: ErrorRow[] = [];
  let page: PageStart | null = null;
  do {
    const got = await listErrorRows(database.db, question, { sort, order, page }, size);
    all.push(...got.rows);
    page = got.next;
  } while (page !== null);
  return all;
}

async function download(question: ErrorQuestion, zone = "Asia/Tokyo"): Promise<string[][]> {
  const { stream } = await streamErrors(database.pool, {
    question,
    zone,
    sort: "date",
    order: "desc",
    format: "tsv",
  });
  const lines = (await new Response(stream).text()).split("\n");
  expect(lines.pop()).toBe("");
  return lines.map((line) => line.split("\t"));
}

const total = (counts: Readonly<Record<string, number>>[]): number =>
  counts.flatMap((one) => Object.values(one)).reduce((sum, count) => sum + count, 0);

test.each(Object.entries(questions))(
  "summary, chart, list, single errors and TSV agree: %s",
  async (_name, ask) => {
    const question = ask();
    const raw = await countRaw(question);
    expect(raw).toBeGreaterThan(0);
    const [summary, chart, split, rows, tsv, rowCount] = await Promise.all([
      summariseErrors(database.db, question),
      countErrorsByBucket(database.db, question, { zone: "Asia/Kolkata", by: "reason" }),
      countErrorsByBucket(database.db, question, { zone: "America/New_York", by: "detail" }),
      walk(question, "date", "desc", 500),
      download(question),
      countErrorRows(database.db, question),
    ]);
    expect({
      summary: summary.errorCount,
      chart: total(chart.buckets.map((bucket) => bucket.counts)),
      split: total(split.buckets.map((bucket) => bucket.counts)),
      list: rows.reduce((sum, row) => sum + row.errorCount, 0),
      tsv: tsv.slice(1).reduce((sum, cells) => sum + Number(cells[5]), 0),
    }).toEqual({ summary: raw, chart: raw, split: raw, list: raw, tsv: raw });
    expect(tsv[0]).toEqual(["Date", "Start", "End", "Reason", "Detail", "Errors"]);
    expect(tsv.slice(1).map((cells) => cells.slice(3))).toEqual(
      rows.map((row) => [row.reason, row.detail, String(row.errorCount)]),
    );
    expect(rowCount).toBe(rows.length);
    const largest = rows.reduce((most, row) => (row.errorCount > most.errorCount ? row : most));
    const singles = await listSingleErrors(
      database.db,
      questionOfRow(question, largest.key),
      10_000,
    );
    expect(singles).toHaveLength(largest.errorCount);
  },
);

test("attempts and the failed share take in deliveries of the whole range, by the minute at its ends", async () => {
  const question = {
    ...nothing,
    channelId,
    from: new Date("2026-11-01T00:07:00Z"),
    to: new Date("2026-11-03T05:11:00Z"),
  };
  const summary = await summariseErrors(database.db, question);
  const { rows } = await database.pool.query<{ n: number }>(
    "select sum(delivered_count)::int as n from delivered_minutes where channel_id = $1 and minute >= $2 and minute < $3",
    [channelId, question.from, question.to],
  );
  const errors = await countRaw(question);
  const chart = await countErrorsByBucket(database.db, question, { zone: "UTC", by: "reason" });
  expect(summary.attemptCount).toBe(errors + (rows[0]?.n ?? 0));
  expect(summary.failedShare).toBeCloseTo(errors / summary.attemptCount, 10);
  expect(chart.buckets.reduce((sum, bucket) => sum + (bucket.deliveredCount ?? 0), 0)).toBe(
    rows[0]?.n,
  );
});

test.each([
  ["date", "desc"],
  ["date", "asc"],
  ["errors", "desc"],
  ["errors", "asc"],
] as const)("paging by %s %s visits each row once, and back again", async (sort, order) => {
  const question = { ...nothing, channelId, from, to: new Date("2026-10-27T00:00:00Z") };
  const forth = await walk(question, sort, order, 7);
  const names = forth.map((row) => `${row.key.minute.toISOString()} ${row.reason} ${row.detail}`);
  expect(new Set(names).size).toBe(await countErrorRows(database.db, question));
  const last = await listErrorRows(database.db, question, { sort, order, page: null }, 7);
  expect(last.previous).toBeNull();
  const back: ErrorRow[] = [];
  const end = forth.at(-1);
  let page: PageStart | null =
    end === undefined
      ? null
      : { direction: "before", key: end.key, startedAt: end.startedAt, errorCount: end.errorCount };
  while (page !== null) {
    const got = await listErrorRows(database.db, question, { sort, order, page }, 7);
    back.unshift(...got.rows);
    page = got.previous;
  }
  expect(back).toEqual(forth.slice(0, -1));
});

test("another channel's rows never appear", async () => {
  const question = questions.everything?.() ?? expect.fail();
  const rows = await walk(question, "date", "desc", 1_000);
  expect(rows.some((row) => row.detail === "Unknown host")).toBe(false);
  const single = await listSingleErrors(database.db, { ...question, detail: "Unknown host" });
  expect(single).toEqual([]);
});

test("a rebuild of the counted rows from the stored errors changes nothing, and mends what was wrong", async () => {
  const none = { inserted: 0, updated: 0, deleted: 0 };
  expect(await rebuildErrorCounts(database.pool, { from, to })).toEqual(none);
  await database.pool.query(
    `with gone as (delete from error_rows where (channel_id, minute, reason, detail)
                     in (select channel_id, minute, reason, detail from error_rows order by minute limit 3))
     update error_hours set error_count = error_count + 1
      where (channel_id, hour, reason, detail) in (select channel_id, hour, reason, detail from error_hours limit 2)`,
  );
  expect(await rebuildErrorCounts(database.pool, { from, to })).toEqual({
    inserted: 3,
    updated: 2,
    deleted: 0,
  });
  expect(await rebuildErrorCounts(database.pool, { from, to })).toEqual(none);
});
