// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a cell must not contain.
const controls = /[\u0000-\u001f\u007f]/g;
const formula = /^ *[-=+@＝＋－＠]/;

/**
 * A text as one cell of a TSV or CSV file: no tab, line end or other control in it, and not a formula for a spreadsheet
 * (OWASP: a leading `= + - @`, also full width, gets an apostrophe).
 */
export function safeCell(text: string): string {
  const flat = text.replace(controls, " ");
  return formula.test(flat) ? `'${flat}` : flat;
}
