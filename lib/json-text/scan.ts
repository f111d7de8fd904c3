// Finds its way in JSON by its characters, so that values keep the text that they were written in. Nothing here recurses, so
// no nesting is too deep for it, and each character is read once. Texts must be valid JSON: JSON.parse is the judge of that.

/** From a value's first character to behind its last one. */
export type Extent = { start: number; end: number };
/** A value of an object; `key` without its escapes. Equal keys are members of their own. */
export type JsonMember = Extent & { key: string };

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;

/**
 * Goes through the object that begins at `at`. `visit` is told each key and where its value begins, and says where that ends: so
 * what it goes through itself is not read twice. Returns the place behind the object; behind any other value at once.
 */
export function walkMembers(
  text: string,
  at: number,
  visit: (key: string, start: number) => number,
): number {
  if (text.charCodeAt(at) !== 0x7b) return valueEnd(text, at);
  let from = blankEnd(text, at + 1);
  while (text.charCodeAt(from) === quote) {
    const keyEnd = stringEnd(text, from);
    const start = blankEnd(text, blankEnd(text, keyEnd) + 1);
    from = blankEnd(text, visit(keyAt(text, from, keyEnd), start));
    if (text.charCodeAt(from) === comma) from = blankEnd(text, from + 1);
  }
  return from + 1;
}

/** The same for the array that begins at `at`. */
export function walkElements(text: string, at: number, visit: (start: number) => number): number {
  if (text.charCodeAt(at) !== 0x5b) return valueEnd(text, at);
  let from = blankEnd(text, at + 1);
  while (from < text.length && nesting(text.charCodeAt(from)) !== -1) {
    from = blankEnd(text, visit(from));
    if (text.charCodeAt(from) === comma) from = blankEnd(text, from + 1);
  }
  return from + 1;
}

/** The members of the object that begins at `at`, in their order; none where no object does. */
export function listJsonMembers(text: string, at: number): JsonMember[] {
  const members: JsonMember[] = [];
  walkMembers(text, at, (key, start) => {
    const end = valueEnd(text, start);
    members.push({ key, start, end });
    return end;
  });
  return members;
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
  let end = at + 1;
  for (let code = text.charCodeAt(end); code !== quote; code = text.charCodeAt(end)) {
    if (end >= text.length) return text.length;
    end += code === backslash ? 2 : 1;
  }
  return end + 1;
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

function keyAt(text: string, start: number, end: number): string {
  const key = text.slice(start + 1, end - 1);
  return key.includes("\\") ? JSON.parse(`"${key}"`) : key;
}
