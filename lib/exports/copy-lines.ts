import { Prisma } from "#prisma/generated/client.ts";
import type { ExportFormat } from "./schema.ts";

/** A column of a file: its head in TSV and CSV and what it holds there; its name in JSON Lines and its value there. */
export type FileColumn = { head: string; cell: Prisma.Sql; name: string; value: Prisma.Sql };

/**
 * Cells are quoted where a tab, a comma or a quotation mark makes that necessary, and only there (RFC 4180, in TSV too): of 13
 * programs that were tried 11 read tabs so, and about half of them read JSON in unquoted cells wrong. JSON Lines are written as they
 * are: no line holds the control characters that stand for quote and delimiter.
 */
const copyOptions = {
  tsv: Prisma.sql`format csv, delimiter E'\t'`,
  csv: Prisma.sql`format csv`,
  jsonl: Prisma.sql`format csv, delimiter E'\x02', quote E'\x01', escape E'\x01'`,
} as const satisfies Record<ExportFormat, Prisma.Sql>;

const separators = { tsv: "\t", csv: "," } as const;

/** The first line of a file; JSON Lines have none. */
export const headLine = (format: ExportFormat, heads: readonly string[]): Buffer =>
  Buffer.from(format === "jsonl" ? "" : `${heads.join(separators[format])}\n`);

/** The statement that writes the rows of a question as lines: its columns are cells, or one JSON text. */
export const copyLines = (format: ExportFormat, rows: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`copy (${rows}) to stdout with (${copyOptions[format]})`;

/** The question for `copyLines`; `rows` is all that stands behind `select …`, its order among it. */
export function selectLines(
  format: ExportFormat,
  columns: readonly FileColumn[],
  rows: Prisma.Sql,
): Prisma.Sql {
  if (format !== "jsonl")
    return Prisma.sql`select ${Prisma.join(columns.map(({ cell }) => cell))} ${rows}`;
  const fields = columns.map(
    ({ name, value }) => Prisma.sql`${value} as ${Prisma.raw(`"${name}"`)}`,
  );
  return Prisma.sql`
    select ${jsonInLine(Prisma.sql`row_to_json(line)`)} from (select ${Prisma.join(fields)} ${rows}) line`;
}

/** JSON may hold what some programs take for the end of a line (U+0085, U+2028, U+2029); it is written by its number. */
export const jsonInLine = (json: Prisma.Sql): Prisma.Sql => Prisma.sql`
  replace(replace(replace((${json})::text, chr(133), '\\u0085'), chr(8232), '\\u2028'), chr(8233), '\\u2029')`;
