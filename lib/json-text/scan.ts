// Finds its way in JSON by its characters, so that values keep the text that they were written in. Nothing here recurses, so
// no nesting is too deep for it, and each character is read once. Texts must be valid JSON: JSON.parse is the judge of that.

/** From a value's first character to behind its last one. */
export type Place = { start: number; end: number };
/** A value of an object; `key` without its escapes. Equal keys are members of their own. */
export type Member = Place & { key: string };

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;

/** The members of the object that begins at `at`, in their order; none where no object does. */
export function listMembers(text: string, at: number): Member[] {
  const members: Member[] = [];
  if (text[at] !== "{") return members;
  let from = blankEnd(text, at + 1);
  while (text.charCodeAt(from) === quote) {
    const keyEnd = stringEnd(text, from);
    const start = blankEnd(text, blankEnd(text, keyEnd) + 1);
    const end = valueEnd(text, start);
    members.push({ key: keyAt(text, from, keyEnd), start, end });
    from = blankEnd(text, end);
    if (text.charCodeAt(from) !== comma) break;
    from = blankEnd(text, from + 1);
  }
  return members;
}

/** The elements of the array that begins at `at`, in their order; none where no array does. */
export function listElements(text: string, at: number): Place[] {
  const elements: Place[] = [];
  if (text[at] !== "[") return elements;
  let start = blankEnd(text, at + 1);
  if (text[start] === "]") return elements;
  while (start < text.length) {
    const end = valueEnd(text, start);
    elements.push({ start, end });
    const next = blankEnd(text, end);
    if (text.charCodeAt(next) !== comma) break;
    start = blankEnd(text, next + 1);
  }
  return elements;
}

/** Behind the value that begins at `at`. */
export function valueEnd(text: string, at: number): number {
  let depth = 0;
  let end = at;
  do {
    const code = text.charCodeAt(end);
    if (code === quote) {
      end = stringEnd(text, end);
    } else if (nesting(code) === 0 && depth === 0) {
      return scalarEnd(text, end);
    } else {
      depth += nesting(code);
      end += 1;
    }
  } while (depth > 0 && end < text.length);
  return end;
}

/** Behind the string that begins at `at`. */
export function stringEnd(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

/** Behind the number, `true`, `false` or `null` that begins at `at`. */
export function scalarEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && !isDelimiter(text.charCodeAt(end))) end += 1;
  return end;
}

/** The first character at `at` or behind it that is no blank. */
export function blankEnd(text: string, at: number): number {
  let end = at;
  while (isBlank(text.charCodeAt(end))) end += 1;
  return end;
}

/** 1 for a bracket or brace that opens, -1 for one that closes, else 0. */
export function nesting(code: number): -1 | 0 | 1 {
  // The pairs [] and {} differ from each other by one bit.
  const folded = code | 0x20;
  if (folded === 0x7b) return 1;
  return folded === 0x7d ? -1 : 0;
}

const isBlank = (code: number): boolean =>
  code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

const isDelimiter = (code: number): boolean =>
  code === comma || nesting(code) === -1 || isBlank(code);

function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text.charCodeAt(from - 1) === backslash) from -= 1;
  return (at - from) % 2 === 1;
}

function keyAt(text: string, start: number, end: number): string {
  const key = text.slice(start + 1, end - 1);
  return key.includes("\\") ? JSON.parse(`"${key}"`) : key;
}
