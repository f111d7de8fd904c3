import type { HeadOddity } from "./http1-oddities.ts";

const cleanField = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t -~\x80-\xff]*$/;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
const framingName = /content-?length|transfer-?encoding/i;
/** Of the names that frame, with room for what stands between. */
const nameLengthMax = 32;
const carriageReturn = 0x0d;

/** The fields of a head and what is odd about it. */
export class Fields {
  readonly headers: [string, string][] = [];
  readonly oddities: HeadOddity[] = [];
  /** Somebody else may read another end of the answer out of this head. */
  isDoubtful = false;
  lineCount = 0;

  note(oddity: HeadOddity): void {
    if (!this.oddities.includes(oddity)) this.oddities.push(oddity);
  }

  doubt(oddity: HeadOddity): void {
    this.isDoubtful = true;
    this.note(oddity);
  }

  addLine(line: string): void {
    if (!cleanField.test(line)) {
      this.#addOddLine(line);
      return;
    }
    const colon = line.indexOf(":");
    this.headers.push([line.slice(0, colon), trim(line.slice(colon + 1))]);
  }

  #addOddLine(line: string): void {
    if (mayFrame(line)) this.isDoubtful = true;
    if (line.includes("\r")) this.doubt("BARE_CR");
    // RFC 9110 section 5.5 asks for this; besides, PostgreSQL stores no text with NUL.
    const text = line.replace(/[\0\r]/g, " ");
    const isFold = isBlank(text.charCodeAt(0));
    const colon = isFold ? -1 : text.indexOf(":");
    if (control.test(line.slice(colon + 1))) this.note("FIELD_VALUE");
    if (isFold) this.#fold(text);
    else if (colon !== -1) this.#addOddField(text.slice(0, colon), text.slice(colon + 1));
    else {
      this.note("NO_COLON");
      this.headers.push(["", trim(text)]);
    }
  }

  #addOddField(written: string, value: string): void {
    const name = trim(written);
    if (name !== written) this.note("SPACE_BEFORE_COLON");
    if (!token.test(name)) this.note("FIELD_NAME");
    this.headers.push([name, trim(value)]);
  }

  /** RFC 9112 section 5.2: spaces instead of the fold; section 2.2: not before the first field. */
  #fold(text: string): void {
    const field = this.headers.at(-1);
    if (field === undefined) {
      this.doubt("INDENTED_FIRST");
      return;
    }
    this.note("FOLDED_FIELD");
    if (mayFrame(`${field[0]}${field[1].slice(-nameLengthMax)}${text}`)) this.isDoubtful = true;
    field[1] = trim(`${field[1]} ${trim(text)}`);
  }
}

/**
 * Reads the field lines of `text` from `at` to `end`, where the last one's line feed is. `isBare`: the status line had no
 * carriage return; `gap`: the line feed at `end` and what follows up to the body. Reading stops after `linesMax` lines.
 */
export function parseFields(
  text: string,
  at: number,
  end: number,
  { isBare, gap, linesMax }: { isBare: boolean; gap: string; linesMax: number },
): Fields {
  const fields = new Fields();
  if (isBare) fields.note("BARE_LF");
  let wasBare = isBare;
  for (let from = at; from <= end && fields.lineCount < linesMax; fields.lineCount++) {
    const feed = text.indexOf("\n", from);
    const bare = text.charCodeAt(feed - 1) !== carriageReturn;
    const line = text.slice(from, bare ? feed : feed - 1);
    fields.addLine(line);
    // Who takes only CRLF for the end of a line sees other fields here.
    if (bare) fields.note("BARE_LF");
    if ((bare !== isBare || wasBare !== isBare) && mayFrame(line)) fields.isDoubtful = true;
    wasBare = bare;
    from = feed + 1;
  }
  if (gap.length > 3) fields.doubt("BARE_CR");
  if (gap.length === 2) fields.note("BARE_LF");
  if (wasBare !== isBare || (gap.length === 2) !== isBare) fields.isDoubtful = true;
  return fields;
}

/** Whether a line, read in whatever way, could say where the body ends. */
const mayFrame = (line: string): boolean => framingName.test(line.replace(/[^A-Za-z-]/g, ""));

/** Without blanks at the ends; `String.trim` would take the half of a UTF-8 character for one. */
function trim(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
