import type { Copied, CopyConnection } from "#lib/copy-connection.ts";
import { copyLines } from "#lib/exports/copy-lines.ts";
import { Prisma } from "#prisma/generated/client.ts";
import { fileColumns, fileReads } from "./column-sql.ts";
import type { ErrorExport, RowsOfFile } from "./error-export.ts";
import { isNarrowest, rowsMax, type Width } from "./file-window.ts";
import { jsonLines } from "./json-lines.ts";

/** A part of a file as its lines; null when it has more rows than stand in memory and could be narrower. */
export async function copyRows(
  connection: CopyConnection,
  wanted: ErrorExport,
  rows: RowsOfFile,
  width: Width = 0,
): Promise<Copied | null> {
  const { format } = wanted;
  const lines =
    format === "jsonl"
      ? await jsonLines(connection, wanted.question, rows)
      : tableLines(wanted, rows);
  const limit = isNarrowest(width) ? Prisma.empty : Prisma.sql`limit ${rowsMax}`;
  const copied = await copyLines(connection, format, lines(limit));
  return !isNarrowest(width) && copied.rowCount === rowsMax ? null : copied;
}

const tableLines =
  (wanted: ErrorExport, { source, asked, order }: RowsOfFile) =>
  (limit: Prisma.Sql): Prisma.Sql =>
    Prisma.sql`
    select ${Prisma.join(fileColumns(wanted).map(({ cell }) => cell))}
      from (select ${fileReads(wanted.question, wanted.zone)}
              from ${source} where ${asked} order by ${order} offset 0 ${limit}) rows`;
