import { AppError } from "#lib/app-error.ts";
import type { CopyConnection } from "#lib/copy-connection.ts";
import type { SettledFile } from "#lib/copy-stream.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { copyRows } from "./copy-format.ts";
import type { ErrorExport, RowsOfFile } from "./error-export.ts";
import { firstWidth, followingWidth, narrower, rowsMax, type Width } from "./file-window.ts";
import { orderBy } from "./list-rows.ts";
import { at, countedErrors, type ErrorQuestion, rowsAsked } from "./question.ts";

type Pieces = SettledFile["pieces"];

const minuteMs = 60_000;

/** Which rows the file has, and how many those are; none is read yet. */
export async function settleRows(
  connection: CopyConnection,
  wanted: ErrorExport,
): Promise<SettledFile> {
  return wanted.sort === "errors"
    ? settleByErrors(connection, wanted)
    : settleByDate(connection, wanted);
}

async function settleByDate(connection: CopyConnection, wanted: ErrorExport): Promise<SettledFile> {
  const newest = await findNewest(connection, wanted.question);
  if (newest === null) return { rowCount: 0, pieces: nothing() };
  const rowCount = await countRows(connection, wanted.question, newest);
  return { rowCount, pieces: copyByDate(connection, wanted, newest) };
}

async function* nothing(): Pieces {}

/**
 * The rows by date, some thousand at a time, each time those of whole minutes: a row keeps its minute whatever is counted
 * into it meanwhile, so that it is in exactly one part. Each part walks the primary key.
 */
async function* copyByDate(
  connection: CopyConnection,
  wanted: ErrorExport,
  newest: Newest,
): Pieces {
  const descending = wanted.order === "desc";
  const [start, stop] = [wanted.question.from.getTime(), newest.minute.getTime() + minuteMs];
  let place = descending ? stop : start;
  let width: Width = firstWidth;
  while (descending ? place > start : place < stop) {
    const window = descending
      ? { from: new Date(Math.max(start, place - width)), to: new Date(place) }
      : { from: new Date(place), to: new Date(Math.min(stop, place + width)) };
    const copied = await copyRows(connection, wanted, rowsOfWindow(wanted, window, newest), width);
    if (copied === null) {
      width = narrower(width);
      continue;
    }
    yield copied.bytes;
    place = (descending ? window.from : window.to).getTime();
    width = followingWidth(width, copied.rowCount);
  }
}

type Newest = { minute: Date; firstAt: Date };

/** Where the file ends: rows that come later are left out. Backwards through the primary key. */
async function findNewest(
  { ask }: CopyConnection,
  question: ErrorQuestion,
): Promise<Newest | null> {
  const [newest] = await ask<Newest>(Prisma.sql`
    select minute, max(first_at) as "firstAt" from error_rows
     where ${rowsAsked(question)}
       and minute = (select minute from error_rows where ${rowsAsked(question)} order by minute desc limit 1)
     group by 1`);
  return newest ?? null;
}

/** Walks the primary key, as the file does, and reads nothing else. */
async function countRows(
  { ask }: CopyConnection,
  question: ErrorQuestion,
  newest: Newest,
): Promise<number> {
  const [row] = await ask<{ count: number }>(Prisma.sql`
    select count(*)::int as count from error_rows where ${rowsAsked(question)} and ${knownBy(newest)}`);
  return row?.count ?? 0;
}

/** A row's first error only moves back, so that one that was there then is still not later than this. */
const knownBy = ({ minute, firstAt }: Newest): Prisma.Sql =>
  Prisma.sql`(minute < ${at(minute)} or first_at <= ${at(firstAt)})`;

function rowsOfWindow(
  { question, sort, order }: ErrorExport,
  window: { from: Date; to: Date },
  newest: Newest,
): RowsOfFile {
  return {
    source: Prisma.sql`error_rows`,
    asked: Prisma.sql`${rowsAsked({ ...question, ...window })} and ${knownBy(newest)}`,
    order: orderBy(sort, countedErrors(question), order === "desc"),
    window,
  };
}

/** Of a file sorted by errors. Sorted within some seconds, before the first byte: a proxy waits a minute for that. */
const sortedRowsMax = 500_000;

/**
 * The rows by how many errors they count. That order changes while errors are counted, so it is settled first, in a table
 * that ends with the connection, and read from there: its one long statement takes as long as the rows are many, not as the
 * reader is slow. By date rows come as they are read, so there are no too many of them.
 * @throws AppError invalid, before anything is sorted, when there are more than `max` rows
 */
export async function settleByErrors(
  connection: CopyConnection,
  wanted: ErrorExport,
  max = sortedRowsMax,
): Promise<SettledFile> {
  const { question, sort, order } = wanted;
  await refuseMore(connection, question, max);
  const by = orderBy(sort, countedErrors(question), order === "desc");
  await connection.run(Prisma.sql`create temporary table rows_of_file as
    select row_number() over (order by ${by})::int as place, error_rows.* from error_rows where ${rowsAsked(question)}`);
  await connection.run(Prisma.sql`create unique index on rows_of_file (place)`);
  const [row] = await connection.ask<{ last: number | null }>(
    Prisma.sql`select max(place) as last from rows_of_file`,
  );
  const rowCount = row?.last ?? 0;
  return { rowCount, pieces: copyByErrors(connection, wanted, rowCount) };
}

async function* copyByErrors(
  connection: CopyConnection,
  wanted: ErrorExport,
  last: number,
): Pieces {
  try {
    for (let place = 0; place < last; place += rowsMax) {
      const copied = await copyRows(connection, wanted, {
        source: Prisma.sql`rows_of_file error_rows`,
        asked: Prisma.sql`place > ${place} and place <= ${place + rowsMax}`,
        order: Prisma.sql`place`,
        window: null,
      });
      if (copied !== null) yield copied.bytes;
    }
  } finally {
    // A connection that is broken off takes it along.
    await connection.run(Prisma.sql`drop table if exists rows_of_file`).catch(() => undefined);
  }
}

/** Counts no further than `max`. Index: the primary key. */
async function refuseMore(
  { ask }: CopyConnection,
  question: ErrorQuestion,
  max: number,
): Promise<void> {
  const [row] = await ask<{ more: boolean }>(Prisma.sql`
    select count(*) > ${max}::int as more
      from (select from error_rows where ${rowsAsked(question)} limit ${max + 1}::int) found`);
  if (row?.more !== true) return;
  throw new AppError(
    "invalid",
    `A file sorted by errors has at most ${max} rows: sort it by date, or choose a shorter range.`,
    { key: "sorted_file_long", values: { max } },
  );
}
