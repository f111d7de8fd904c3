import type { Copied, CopyConnection } from "#lib/copy-connection.ts";
import { constantOffsetMinutes } from "#lib/time/wall-time.ts";
import { errorDetails } from "#lib/transport/error-class.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { ErrorExport, ExportFormat, RowsOfFile } from "./error-export.ts";
import { isNarrowest, rowsMax, type Width } from "./file-window.ts";
import { jsonLines } from "./json-lines.ts";
import { countedErrors, type ErrorQuestion } from "./question.ts";

/** A part of a file as its lines; null when it has more rows than stand in memory and could be narrower. */
export async function copyRows(
  connection: CopyConnection,
  wanted: ErrorExport,
  rows: RowsOfFile,
  width: Width = 0,
): Promise<Copied | null> {
  const lines =
    wanted.format === "jsonl"
      ? await jsonLines(connection, wanted.question, rows)
      : tableLines(wanted, rows);
  const limit = isNarrowest(width) ? Prisma.empty : Prisma.sql`limit ${rowsMax}`;
  const copied = await connection.copy(
    Prisma.sql`copy (${lines(limit)}) to stdout with (${copyOptions[wanted.format]})`,
  );
  if (!isNarrowest(width) && copied.rowCount === rowsMax) return null;
  return wanted.format === "tsv" ? { ...copied, bytes: singleBackslashes(copied.bytes) } : copied;
}

// The text format is the fastest. CSV is the one without backslash escapes; where a format must not quote, the quote and
// delimiter are control characters, which no cell contains.
const copyOptions = {
  tsv: Prisma.sql`format text, null ''`,
  csv: Prisma.sql`format csv`,
  jsonl: Prisma.sql`format csv, delimiter E'\x02', quote E'\x01', escape E'\x01'`,
} as const satisfies Record<ExportFormat, Prisma.Sql>;

const backslash = "\\".charCodeAt(0);

/** COPY's text format doubles backslashes; its other escapes are of controls, which no cell contains (`safeCell`). */
function singleBackslashes(bytes: Buffer): Buffer {
  if (!bytes.includes(backslash)) return bytes;
  // Bytes as characters: UTF-8 has no backslash within another character.
  return Buffer.from(bytes.toString("latin1").replaceAll("\\\\", "\\"), "latin1");
}

const tableLines =
  ({ question, zone }: ErrorExport, { source, asked, order }: RowsOfFile) =>
  // The types that print as Date and Start print faster than texts are cut (half the time of the whole statement).
  (limit: Prisma.Sql): Prisma.Sql =>
    Prisma.sql`
    select started::date, started::time, ended::time, reason, ${safeCell}, errors
      from (select ${wholeSeconds(question, zone, "first_at")} as started, ${wholeSeconds(question, zone, "last_at")} as ended,
                   reason, detail, ${countedErrors(question)} as errors
              from ${source} where ${asked} order by ${order} offset 0 ${limit}) rows`;

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
