import type { Copied, CopyConnection } from "#lib/copy-connection.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { fileCells, fileReads } from "./column-sql.ts";
import type { ErrorExport, ExportFormat, RowsOfFile } from "./error-export.ts";
import { isNarrowest, rowsMax, type Width } from "./file-window.ts";
import { jsonLines } from "./json-lines.ts";

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
  (limit: Prisma.Sql): Prisma.Sql =>
    Prisma.sql`
    select ${fileCells}
      from (select ${fileReads(question, zone)}
              from ${source} where ${asked} order by ${order} offset 0 ${limit}) rows`;
