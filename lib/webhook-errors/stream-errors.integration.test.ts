import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Database } from "#lib/db.ts";
import { safeCell } from "#lib/exports/safe-cell.ts";
import type { ExportFormat } from "#lib/exports/schema.ts";
import { createBelievableErrors, createErrors, makeError } from "#testing/error-factory.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { streamErrors } from "./stream-errors.ts";

let database: Database;
const from = new Date("2026-11-01T00:00:00Z");
const to = new Date("2026-11-22T00:00:00Z");
const nothing = { reason: null, detail: null, status: null, attempt: null } as const;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

async function open(
  channelId: string,
  format: ExportFormat = "tsv",
  zone = "Asia/Tokyo",
  detail: string | null = null,
) {
  const question = { ...nothing, channelId, from, to, detail };
  const wanted = { question, zone, sort: "date", order: "asc", format } as const;
  return (await streamErrors(database.pool, wanted)).stream;
}

const read = async (stream: ReadableStream<Uint8Array>): Promise<string> =>
  new Response(stream).text();

/** As a cell stands in a file (RFC 4180). */
const quoted = (cell: string): string =>
  cell.includes('"') ? `"${cell.replaceAll('"', '""')}"` : cell;

async function channelWith(details: readonly string[]): Promise<string> {
  const { id } = await createChannel(database.db);
  const errors = details.map((detail, index) =>
    makeError({ detail, occurredAt: new Date(Date.UTC(2026, 10, 10, 14, 50 + index, 7)) }),
  );
  await createErrors(database.pool, id, errors);
  return id;
}

test("date and times are those of the zone asked for", async () => {
  const id = await channelWith(["Unknown host", "Connection failed"]);
  const line = "could_not_connect\tUnknown host\t1";
  expect((await read(await open(id))).split("\n")[1]).toBe(
    `2026-11-10\t23:50:07\t23:50:07\t${line}`,
  );
  expect((await read(await open(id, "tsv", "Asia/Kathmandu"))).split("\n")[1]).toBe(
    `2026-11-10\t20:35:07\t20:35:07\t${line}`,
  );
});

test("seconds are cut, not rounded, at midnight too and in a range that clocks change in", async () => {
  const { id } = await createChannel(database.db);
  const times = [
    "2026-11-10T14:59:59.999Z",
    "2026-11-10T15:00:00.000Z",
    "2026-11-10T15:01:00.499Z",
  ];
  await createErrors(
    database.pool,
    id,
    times.map((time) => makeError({ occurredAt: new Date(time) })),
  );
  const cells = async (zone: string) =>
    (await read(await open(id, "tsv", zone)))
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.slice(0, 19));
  expect(await cells("Asia/Tokyo")).toEqual([
    "2026-11-10\t23:59:59",
    "2026-11-11\t00:00:00",
    "2026-11-11\t00:01:00",
  ]);
  expect(await cells("America/New_York")).toEqual([
    "2026-11-10\t09:59:59",
    "2026-11-10\t10:00:00",
    "2026-11-10\t10:01:00",
  ]);
});

test("times follow a change of clocks within the range", async () => {
  const { id } = await createChannel(database.db);
  const times = ["2026-11-01T05:59:59Z", "2026-11-01T06:00:00Z", "2026-11-10T12:00:00Z"];
  await createErrors(
    database.pool,
    id,
    times.map((time) => makeError({ occurredAt: new Date(time) })),
  );
  const lines = (await read(await open(id, "tsv", "America/New_York"))).trimEnd().split("\n");
  expect(lines.slice(1).map((line) => line.split("\t").slice(0, 3))).toEqual([
    ["2026-11-01", "01:59:59-04:00", "01:59:59-04:00"],
    ["2026-11-01", "01:00:00-05:00", "01:00:00-05:00"],
    ["2026-11-10", "07:00:00-05:00", "07:00:00-05:00"],
  ]);
});

test.each([
  // Zone, begin of a day whose clocks change in UTC, what its rows an hour apart say.
  [
    "America/Havana",
    "2026-11-01T03:30Z",
    ["23:30:07-04:00", "00:30:07-04:00", "00:30:07-05:00", "01:30:07-05:00"],
  ],
  [
    "Europe/Berlin",
    "2026-10-24T23:30Z",
    ["01:30:07+02:00", "02:30:07+02:00", "02:30:07+01:00", "03:30:07+01:00"],
  ],
  [
    "Europe/London",
    "2026-03-28T23:30Z",
    ["23:30:07+00:00", "00:30:07+00:00", "02:30:07+01:00", "03:30:07+01:00"],
  ],
  [
    "Australia/Lord_Howe",
    "2026-04-04T13:30Z",
    ["00:30:07+11:00", "01:30:07+11:00", "02:00:07+10:30", "03:00:07+10:30"],
  ],
  [
    "America/St_Johns",
    "2026-11-01T02:30Z",
    ["00:00:07-02:30", "01:00:07-02:30", "01:00:07-03:30", "02:00:07-03:30"],
  ],
])(
  "where clocks change in %s, each row has its own offset in every table",
  async (zone, begin, says) => {
    const { id } = await createChannel(database.db);
    const at = (hours: number): Date => new Date(Date.parse(begin) + hours * 3_600_000 + 7_000);
    const errors = says.map((_, index) => makeError({ occurredAt: at(index) }));
    await createErrors(database.pool, id, errors);
    const question = { ...nothing, channelId: id, from: new Date(begin), to: at(5) };
    for (const format of ["tsv", "csv"] as const) {
      const wanted = { question, zone, sort: "date", order: "asc", format } as const;
      const body = await read((await streamErrors(database.pool, wanted)).stream);
      const separator = format === "tsv" ? "\t" : ",";
      const cells = body
        .trimEnd()
        .split("\n")
        .map((line) => line.split(separator));
      expect(cells.slice(1).map((line) => line[1])).toEqual(says);
      expect(cells.slice(1).map((line) => line[2])).toEqual(says);
      // A range of one offset is as it was: the sign above the list says it.
      const before = { ...wanted, question: { ...question, to: at(1) } };
      expect(await read((await streamErrors(database.pool, before)).stream)).toContain(
        (says[0] ?? "").slice(0, 8) + separator,
      );
    }
  },
);

test("whatever a detail holds, each row is one line of six cells, and none is a formula", async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "=",
      "+",
      "-",
      "@",
      "＝",
      "＠",
      "\t",
      "\r",
      "\n",
      "\\",
      "\\N",
      '"',
      "'",
      ",",
      " ",
      "\u0001",
      "\u007f",
      "\u0085",
      "\u2028",
      "\u2029",
      "😀",
      "失敗",
    ),
    fc.string({ maxLength: 3, unit: "grapheme" }),
  );
  const text = fc
    .array(piece, { minLength: 1, maxLength: 5 })
    .map((parts) => parts.join("").replaceAll("\u0000", ""))
    .filter((detail) => detail !== "");
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 8 }), async (details) => {
      const body = await read(await open(await channelWith(details)));
      const lines = body.split("\n");
      expect(lines.pop()).toBe("");
      expect(lines.slice(1).map((line) => line.split("\t"))).toEqual(
        details.map((detail) => expect.arrayContaining([quoted(safeCell(detail)), "1"])),
      );
      expect(lines.every((line) => line.split("\t").length === 6)).toBe(true);
    }),
    { numRuns: 25 },
  );
});

test("a filter with quotes in it is a value, not a part of the statement", async () => {
  const id = await channelWith(["it's '; drop table users; --", "other"]);
  const body = await read(await open(id, "tsv", "UTC", "it's '; drop table users; --"));
  expect(body.trimEnd().split("\n")).toHaveLength(2);
});

test("CSV quotes what it must, and JSON Lines parse", async () => {
  const id = await channelWith(['a "b", c', "=1+1"]);
  const csv = await read(await open(id, "csv"));
  expect(csv.split("\n").slice(0, 3)).toEqual([
    "Date,Start,End,Reason,Detail,Status code,Errors",
    '2026-11-10,23:50:07,23:50:07,could_not_connect,"a ""b"", c",,1',
    "2026-11-10,23:51:07,23:51:07,could_not_connect,'=1+1,,1",
  ]);
  const lines = (await read(await open(id, "jsonl"))).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      startedAt: "2026-11-10T14:50:07.000Z",
      reason: "could_not_connect",
      detail: 'a "b", c',
      errors: 1,
    },
    { detail: "=1+1", statusCode: null },
  ]);
});

test("readers who leave in the middle keep no connection, and the statement ends", async () => {
  const { id } = await createChannel(database.db);
  await createBelievableErrors(database.pool, { channelId: id, from, to, count: 60_000 });
  for (let reader = 0; reader < 15; reader += 1) {
    const stream = (await open(id)).getReader();
    await stream.read();
    await stream.cancel();
  }
  expect(database.pool.totalCount - database.pool.idleCount).toBe(0);
  await vi.waitFor(
    async () => {
      const { rows } = await database.pool.query(
        "select query from pg_stat_activity where datname = current_database() and query ilike 'copy %' and state = 'active'",
      );
      expect(rows).toEqual([]);
    },
    { timeout: 120_000, interval: 50 },
  );
  expect((await read(await open(id))).length).toBeGreaterThan(100_000);
});
