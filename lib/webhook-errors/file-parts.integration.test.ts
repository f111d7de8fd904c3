import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { createCopyConnection } from "#lib/copy-connection.ts";
import type { Database } from "#lib/db.ts";
import { createErrors, makeError } from "#testing/error-factory.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { settleByErrors } from "./copy-rows.ts";
import type { ErrorExport } from "./error-export.ts";
import { rowsMax } from "./file-window.ts";
import { listCauses } from "./list-causes.ts";
import { formatRowKey } from "./row-key.ts";
import type { RowKey } from "./schema.ts";
import { streamErrors } from "./stream-errors.ts";

let database: Database;
let channelId: string;
const from = new Date("2026-11-01T00:00:00Z");
const to = new Date("2026-11-22T00:00:00Z");
const nothing = { reason: null, detail: null, status: null, attempt: null } as const;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** Rows of a quiet fortnight, and in the midst of it two days of forty status codes a minute. */
beforeEach(async () => {
  ({ id: channelId } = await createChannel(database.db));
  await insertRows("2026-11-02", "2026-11-16", "97 minutes", 501);
  await insertRows("2026-11-09 00:01", "2026-11-10 00:01", "1 minute", 540);
});

async function insertRows(start: string, end: string, step: string, lastCode: number) {
  await database.pool.query(
    `insert into error_rows (channel_id, minute, reason, detail, status_code, error_count, first_attempt_count, first_at, last_at)
     select $1, minute, 'error_status_code', code::text, code, 1 + hash % 50, hash % 2,
            minute + hash % 60 * interval '0.999 s', minute + interval '59.999 s'
       from generate_series($2::timestamptz, $3::timestamptz, $4::interval) as minute, generate_series(500, $5::int) as code,
            lateral (select abs(hashtext(minute::text || code)) as hash) h
     on conflict do nothing`,
    [channelId, `${start}Z`, `${end}Z`, step, lastCode],
  );
}

const asked = (wanted: Partial<ErrorExport> = {}): ErrorExport => ({
  question: { ...nothing, channelId, from, to },
  zone: "UTC",
  sort: "date",
  order: "desc",
  format: "jsonl",
  ...wanted,
});

type Line = { startedAt: string; endedAt: string; detail: string; errors: number };
const parse = (text: string): Line[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line): Line => JSON.parse(line));
const nameOf = ({ startedAt, detail }: Line) => `${startedAt.slice(0, 16)} ${detail}`;

async function rowsByOrder(order: string): Promise<Line[]> {
  const { rows } = await database.pool.query<Line & { startedAt: Date; endedAt: Date }>(
    `select first_at as "startedAt", last_at as "endedAt", detail, error_count as errors from error_rows
      where channel_id = $1 order by ${order}`,
    [channelId],
  );
  return rows.map((row) => ({
    ...row,
    startedAt: row.startedAt.toJSON(),
    endedAt: row.endedAt.toJSON(),
  }));
}

test.each([
  ["date", "desc", "minute desc, first_at desc, reason desc, detail desc"],
  ["date", "asc", "minute, first_at, reason, detail"],
  ["errors", "desc", "error_count desc, minute desc, first_at desc, reason desc, detail desc"],
  ["errors", "asc", "error_count, minute, first_at, reason, detail"],
] as const)(
  "a file of many parts has each row once, in the order of %s %s",
  async (sort, order, by) => {
    const rows = await rowsByOrder(by);
    expect(rows.length).toBeGreaterThan(3 * rowsMax);
    const counted = await streamErrors(database.pool, asked({ sort, order }));
    expect(counted.rowCount).toBe(rows.length);
    await counted.stream.cancel();
    const lines = parse(
      await new Response((await streamErrors(database.pool, asked({ sort, order }))).stream).text(),
    );
    expect(
      lines.map(({ startedAt, endedAt, detail, errors }) => ({
        startedAt,
        endedAt,
        detail,
        errors,
      })),
    ).toEqual(rows);
    const tsv = await new Response(
      (await streamErrors(database.pool, asked({ sort, order, format: "tsv" }))).stream,
    ).text();
    expect(tsv.trimEnd().split("\n").slice(1)).toEqual(
      rows.map(({ startedAt, endedAt, detail, errors }) =>
        [
          ...[startedAt.slice(0, 10), startedAt.slice(11, 19), endedAt.slice(11, 19)],
          ...["error_status_code", detail, String(errors)],
        ].join("\t"),
      ),
    );
  },
);

test.each([
  ["date", "desc"],
  ["date", "asc"],
  ["errors", "desc"],
] as const)(
  "rows that were there when a file was begun are in it once, whatever is counted meanwhile, and later ones are not: %s %s",
  async (sort, order) => {
    const names = (await rowsByOrder("minute")).map(nameOf).sort();
    const reader = (await streamErrors(database.pool, asked({ sort, order }))).stream.getReader();
    const pieces: Uint8Array[] = [];
    const read = async () => {
      const { value } = await reader.read();
      if (value !== undefined) pieces.push(value);
      return value !== undefined;
    };
    // The file has a beginning in the database once its first row is here.
    while (pieces.every(({ byteLength }) => byteLength === 0)) await read();
    await database.pool.query(
      `update error_rows set error_count = error_count + abs(hashtext(detail || minute)) % 500,
                             first_at = minute + (first_at - minute) / 2
        where channel_id = $1`,
      [channelId],
    );
    await insertRows("2026-11-17", "2026-11-18", "1 minute", 505);
    while (await read());
    const lines = parse(Buffer.concat(pieces).toString());
    expect(lines.map(nameOf).sort()).toEqual(names);
  },
);

test("a row that begins later in the file's last minute is left out", async () => {
  const occurredAt = (ms: number) => new Date(Date.UTC(2026, 10, 18, 12, 0, 0, ms));
  await createErrors(database.pool, channelId, [makeError({ occurredAt: occurredAt(500) })]);
  const wanted = asked({ order: "asc" });
  const reader = (await streamErrors(database.pool, wanted)).stream.getReader();
  const pieces: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (pieces.length === 0) {
      const later = makeError({ occurredAt: occurredAt(900), detail: "Unknown host" });
      await createErrors(database.pool, channelId, [later]);
    }
    pieces.push(value);
  }
  expect(parse(Buffer.concat(pieces).toString()).at(-1)).toMatchObject({
    detail: "Connection failed",
  });
});

test.each(["date", "errors"] as const)(
  "while the reader of a file by %s takes nothing, the database holds no snapshot for it",
  async (sort) => {
    // More than all buffers between the database and the reader hold.
    await insertRows("2026-11-11 00:02", "2026-11-13 00:02", "1 minute", 540);
    const reader = (await streamErrors(database.pool, asked({ sort }))).stream.getReader();
    await reader.read();
    const held = `select query from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and query ~ '^(copy|create)'
        and (backend_xmin is not null or state <> 'idle')`;
    await vi.waitFor(async () => expect((await database.pool.query(held)).rows).toEqual([]), {
      timeout: 60_000,
      interval: 50,
    });
    expect(database.pool.totalCount - database.pool.idleCount).toBe(1);
    await reader.cancel();
  },
);

test("a file by errors leaves nothing behind on its connection", async () => {
  for (let file = 0; file < 2; file += 1) {
    await new Response(
      (await streamErrors(database.pool, asked({ sort: "errors" }))).stream,
    ).text();
  }
  const { rows } = await database.pool.query(
    "select count(*)::int as n from pg_class where relname = 'rows_of_file'",
  );
  expect(rows).toEqual([{ n: 0 }]);
});

test.each([
  ["few errors a row, and one row of very many", 2],
  ["many errors in each row", 60],
])("the file counts likely causes as the list does: %s", async (_name, perRow) => {
  const { id } = await createChannel(database.db);
  const failed = { reason: "error_status_code", statusCode: 500 } as const;
  const causes = ["maintenance", "handler_fails_sometimes", null] as const;
  const minute = (n: number) => Date.UTC(2026, 10, 10, 10, n);
  const errors = Array.from({ length: 40 * perRow }, (_, n) => {
    const [at, detail] = [new Date(minute(n % 20) + n * 7), String(500 + (n % 2))];
    const likelyCause = causes[(n * n) % 3 === 0 ? n % 3 : n % 2] ?? null;
    return makeError({ ...failed, detail, occurredAt: at, likelyCause, attempt: 1 + (n % 3) });
  });
  const many = Array.from({ length: 250 }, (_, n) => {
    const likelyCause = n < 100 ? "maintenance" : "handler_fails_sometimes";
    return makeError({
      ...failed,
      detail: "503",
      occurredAt: new Date(minute(3) + n),
      likelyCause,
    });
  });
  await createErrors(database.pool, id, [...errors, ...(perRow < 20 ? many : [])]);
  for (const attempt of [null, "first", "redelivery"] as const) {
    const question = { ...nothing, channelId: id, from, to, attempt };
    const text = await new Response(
      (await streamErrors(database.pool, asked({ question }))).stream,
    ).text();
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const keys = lines.map((line): RowKey => {
      const at = new Date(`${line.startedAt.slice(0, 16)}Z`);
      return { minute: at, reason: line.reason, detail: line.detail };
    });
    const known = await listCauses(database.db, question, keys);
    expect(lines.map(({ likelyCauses }) => likelyCauses)).toEqual(
      keys.map((key) => known.get(formatRowKey(key)) ?? []),
    );
    expect(lines.map(({ likelyCause }) => likelyCause)).toEqual(
      lines.map(({ likelyCauses }) => likelyCauses[0]?.cause ?? null),
    );
    expect(known.size).toBeGreaterThan(10);
  }
});

test("a file sorted by errors with too many rows is refused in words before anything is sorted; one with just as many is not", async () => {
  const { rows } = await database.pool.query(
    "select from error_rows where channel_id = $1 and minute >= $2 and minute < $3",
    [channelId, from, to],
  );
  const client = await database.pool.connect();
  await client.query("set datestyle = 'ISO'");
  const file = (max: number) =>
    settleByErrors(createCopyConnection(client), asked({ sort: "errors" }), max);
  await expect(file(rows.length - 1)).rejects.toMatchObject({
    ...{ code: "invalid", key: "sorted_file_long", values: { max: rows.length - 1 } },
  });
  const { rows: made } = await client.query("select to_regclass('rows_of_file') as made");
  expect(made).toEqual([{ made: null }]);
  const settled = await file(rows.length);
  expect(settled.rowCount).toBe(rows.length);
  let lines = 0;
  for await (const piece of settled.pieces) lines += parse(Buffer.from(piece).toString()).length;
  expect(lines).toBe(rows.length);
  client.release();
});
