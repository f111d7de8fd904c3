import { Prisma } from "#prisma/generated/client.ts";

/** With U+0085, U+2028 and U+2029: what a program may take for the end of a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a cell must not contain.
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
const formula = /^ *[-=+@＝＋－＠"]/;

/**
 * A text as one cell of a TSV or CSV file: no tab, line end or other control in it, and not a formula for a spreadsheet
 * (OWASP: a leading `= + - @`, also full width, gets an apostrophe). So does a leading quotation mark: spreadsheets take it for the
 * quoting of a cell, and what stands behind it for the text: a formula perhaps, or the rest of the file.
 */
export function safeCell(text: string): string {
  const flat = text.replace(controls, " ");
  return formula.test(flat) ? `'${flat}` : flat;
}

/** `safeCell` in SQL; null for an empty text. A test compares the two on whatever text. */
export const safeCellSql = (text: Prisma.Sql): Prisma.Sql => Prisma.sql`nullif(regexp_replace(
    regexp_replace(${text}, '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]', ' ', 'g'), '^( *[-=+@＝＋－＠"])', '''\\1'), '')`;
