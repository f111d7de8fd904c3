import type { Pool } from "pg";
import { streamCopy } from "#lib/copy-stream.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { ErrorFilter } from "./filter.ts";
import { causesOfRow } from "./list-causes.ts";
import { orderBy } from "./list-rows.ts";
import { countedErrors, type ErrorQuestion, rowsAsked } from "./question.ts";
import { errorDetails } from "./schema.ts";
import { constantOffsetMinutes } from "./wall-time.ts";

export const exportFormats = ["tsv", "csv", "jsonl"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export type ErrorExport = {
  question: ErrorQuestion;
  zone: string;
  sort: ErrorFilter["sort"];
  order: ErrorFilter["order"];
  format: ExportFormat;
};

/**
 * The counted rows as UTF-8 text, streamed by COPY: memory does not grow with the rows, and a slow reader slows the
 * database down instead of filling a buffer. Cancelling the stream ends the statement and frees its connection.
 * Cells that a spreadsheet would take for a formula begin with an apostrophe (`safeCell`).
 */
export async function streamErrors(
  pool: Pool,
  wanted: ErrorExport,
  /** As streamCopy. */
  reader?: string,
): Promise<ReadableStream<Uint8Array>> {
  return streamCopy(pool, copyStatement(wanted), reader === undefined ? {} : { reader });
}

function copyStatement(wanted: ErrorExport): Prisma.Sql {
  return Prisma.sql`copy (${exportedRows(wanted)}) to stdout with (${copyOptions[wanted.format]})`;
}

// CSV is the one format of COPY without backslash escapes. Where a format must not quote, the quote and delimiter are
// control characters, which no cell contains.
const copyOptions = {
  tsv: Prisma.sql`format csv, header true, delimiter E'\t', quote E'\x01', escape E'\x01'`,
  csv: Prisma.sql`format csv, header true`,
  jsonl: Prisma.sql`format csv, delimiter E'\x02', quote E'\x01', escape E'\x01'`,
} as const satisfies Record<ExportFormat, Prisma.Sql>;

function exportedRows({ question, zone, sort, order, format }: ErrorExport): Prisma.Sql {
  const errors = countedErrors(question);
  const which = Prisma.sql`where ${rowsAsked(question)} order by ${orderBy(sort, errors, order === "desc")}`;
  const rest = Prisma.sql`from error_rows ${which}`;
  if (format === "jsonl") {
    return Prisma.sql`select json_build_object('startedAt', ${utcText(Prisma.sql`first_at`)}, 'endedAt', ${utcText(Prisma.sql`last_at`)},
      'reason', reason, 'detail', detail, 'statusCode', status_code, 'errors', ${errors},
      'likelyCause', causes.list->0->>'cause', 'likelyCauses', causes.list)::text
      from error_rows cross join lateral (${causesAsJson(question)}) causes ${which}`;
  }
  // The types that print as Date and Start print faster than texts are cut (half the time of the whole statement).
  return Prisma.sql`select started::date as "Date", started::time as "Start", ended::time as "End",
    reason as "Reason", ${safeCell} as "Detail", errors as "Errors"
    from (select ${wholeSeconds(question, zone, "first_at")} as started, ${wholeSeconds(question, zone, "last_at")} as ended,
                 reason, detail, ${errors} as errors ${rest} offset 0) rows`;
}

/** As the API's list has them. */
const causesAsJson = ({ attempt }: ErrorQuestion): Prisma.Sql => Prisma.sql`
  select coalesce(json_agg(json_build_object('cause', likely_cause, 'count', count) order by count desc, likely_cause), '[]') as list
    from (${causesOfRow(Prisma.raw("error_rows.channel_id"), Prisma.raw("error_rows"), attempt)}) found`;

/**
 * A time on the wall of the zone, cut to whole seconds. The cast rounds, so half a second is taken away first: cheaper
 * than date_trunc. So is adding an offset that is the same for the whole range to looking up the zone for each row.
 */
function wholeSeconds(
  { from, to }: ErrorQuestion,
  zone: string,
  column: "first_at" | "last_at",
): Prisma.Sql {
  const at = column === "first_at" ? Prisma.sql`first_at` : Prisma.sql`last_at`;
  const offset = constantOffsetMinutes(zone, from, to);
  return offset === null
    ? Prisma.sql`((${at} at time zone ${zone}) - interval '0.5 s')::timestamp(0)`
    : Prisma.sql`((${at} at time zone 'UTC') + interval '${Prisma.raw(String(offset * 60 - 0.5))} s')::timestamp(0)`;
}

const utcText = (column: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

// As one list of constants PostgreSQL looks a text up by its hash.
const harmlessDetails = [
  ...Object.values(errorDetails).flat(),
  ...Array.from({ length: 900 }, (_, index) => String(index + 100)),
];

/**
 * `safeCell` of safe-cell.ts, in SQL: controls become blanks, and a cell that begins like a formula gets an apostrophe.
 * Documented details and status codes are harmless and pass without the regular expressions. A test compares the two on
 * whatever text.
 */
const safeCell = Prisma.sql`case when detail in (${Prisma.join(harmlessDetails)}) then detail
  else nullif(regexp_replace(
    regexp_replace(detail, '[\\u0001-\\u001f\\u007f]', ' ', 'g'), '^( *[-=+@＝＋－＠"])', '''\\1'), '') end`;
