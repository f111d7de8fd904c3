// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a cell must not contain.
const controls = /[\u0000-\u001f\u007f]/g;
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
