import type { Copied, CopyConnection } from "#lib/copy-connection.ts";
import { Prisma } from "#prisma/generated/client.ts";
import type { ExportFormat } from "./schema.ts";

/** A column of a file: its head in TSV and CSV and what it holds there; its name in JSON Lines and its value there. */
export type FileColumn = { head: string; cell: Prisma.Sql; name: string; value: Prisma.Sql };

// The text format is the fastest: CSV of the same rows took half as long again, whatever the delimiter. It escapes backslashes and
// controls, which no cell contains, and quotes nothing, which `tabCell` does. JSON is written as it is: no line of it holds the
// control characters that stand for quote and delimiter.
const copyOptions = {
  tsv: Prisma.sql`format text, null ''`,
  csv: Prisma.sql`format csv`,
  jsonl: Prisma.sql`format csv, delimiter E'\x02', quote E'\x01', escape E'\x01'`,
} as const satisfies Record<ExportFormat, Prisma.Sql>;

const separators = { tsv: "\t", csv: "," } as const;

/** The first line of a file; JSON Lines have none. */
export const headLine = (format: ExportFormat, heads: readonly string[]): Buffer =>
  Buffer.from(format === "jsonl" ? "" : `${heads.join(separators[format])}\n`);

/** The rows of a question as lines: its columns are cells (`tabCell` in TSV), or one JSON text (`jsonInLine`). */
export async function copyLines(
  connection: CopyConnection,
  format: ExportFormat,
  rows: Prisma.Sql,
): Promise<Copied> {
  const copied = await connection.copy(
    Prisma.sql`copy (${rows}) to stdout with (${copyOptions[format]})`,
  );
  return format === "tsv" ? { ...copied, bytes: singleBackslashes(copied.bytes) } : copied;
}

/** The question for `copyLines`; `rows` is all that stands behind `select …`, its order among it. */
export function selectLines(
  format: ExportFormat,
  columns: readonly FileColumn[],
  rows: Prisma.Sql,
): Prisma.Sql {
  if (format === "jsonl") {
    const fields = columns.map(
      ({ name, value }) => Prisma.sql`${value} as ${Prisma.raw(`"${name}"`)}`,
    );
    return Prisma.sql`
      select ${jsonInLine(Prisma.sql`row_to_json(line)`)} from (select ${Prisma.join(fields)} ${rows}) line`;
  }
  const cells = columns.map(({ cell }) => (format === "tsv" ? tabCell(cell) : cell));
  return Prisma.sql`select ${Prisma.join(cells)} ${rows}`;
}

/**
 * A harmless cell (`safeCellSql`) between tabs: one with a quotation mark is quoted as RFC 4180 says. Of 13 programs that were tried
 * 11 read tabs so, and about half read JSON in unquoted cells wrong.
 */
export const tabCell = (cell: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`regexp_replace(replace((${cell})::text, '"', '""'), '^(.*".*)$', '"\\1"')`;

/** JSON may hold what some programs take for the end of a line (U+0085, U+2028, U+2029); it is written by its number. */
export const jsonInLine = (json: Prisma.Sql): Prisma.Sql => Prisma.sql`
  replace(replace(replace((${json})::text, chr(133), '\\u0085'), chr(8232), '\\u2028'), chr(8233), '\\u2029')`;

const backslash = "\\".charCodeAt(0);

/** COPY's text format doubles backslashes; its other escapes are of controls. */
function singleBackslashes(bytes: Buffer): Buffer {
  if (!bytes.includes(backslash)) return bytes;
  // Bytes as characters: UTF-8 has no backslash within another character.
  return Buffer.from(bytes.toString("latin1").replaceAll("\\\\", "\\"), "latin1");
}
