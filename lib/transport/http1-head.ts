import { parseFields } from "./http1-fields.ts";
import { type Framed, frame } from "./http1-framing.ts";
import type { HeadOddity, HeadProblem } from "./http1-oddities.ts";

/**
 * The first bytes of an HTTP/1.x answer, understood. `persistent`: the connection may carry another request, once the body
 * has been read; `keepAliveSeconds`: the server's `Keep-Alive: timeout`.
 */
export type Head = Framed & {
  statusCode: number;
  headers: [string, string][];
  /** What was against the rules and did no harm, each once. */
  oddities: readonly HeadOddity[];
};

export type HeadResult =
  | { kind: "incomplete" }
  | { kind: "malformed"; code: HeadProblem }
  | { kind: "head"; head: Head; bytes: number };

/**
 * Limits on the answer's headers, for both versions of HTTP; beyond them it counts as malformed: what would not fit is not
 * known, and it might say where the answer ends. Node's limit is the same, Netty's (LINE's client) half of it.
 */
export const headBytesMax = 16_384;
export const headFieldsMax = 500;

// Of the blank line, in its longest form that is no fault.
const gapBytesMax = 4;
const endOfHead = /\n\r*\n/g;
// Words may stand apart by any blanks (RFC 9112 section 4). The reason says nothing and may hold anything.
const statusLine = /^HTTP\/1\.([0-9])([ \t\v\f\r]+)([1-9][0-9]{2})(?:([ \t\v\f\r]).*)?$/s;
const carriageReturn = 0x0d;

/**
 * Reads the status line and fields at the start of `bytes` (RFC 9112). A clear status is never lost over a field that does
 * not matter: a fold, a carriage return and NUL become spaces, what is no field is kept as it stands, and `oddities` says
 * so. Strict where the answer's end depends on it: a doubt costs the connection (`persistent`), and a `Content-Length` that
 * is no number or is contradicted makes the answer malformed, as section 6.3 asks of clients.
 */
export function parseHead(bytes: Buffer): HeadResult {
  const text = bytes.toString("latin1", 0, headBytesMax + gapBytesMax);
  const start = skipEmpty(text);
  if (!isPlausibleStart(text, start)) return malformed(problemOfStart(text, start));
  endOfHead.lastIndex = start;
  const found = endOfHead.exec(text);
  if (found !== null && found.index <= headBytesMax) {
    return describe(text, { start, end: found.index, gap: found[0] });
  }
  return found === null && text.length < headBytesMax + gapBytesMax
    ? { kind: "incomplete" }
    : malformed("HEADERS_TOO_LONG");
}

/** Blanks and empty lines before the status line (RFC 9112 sections 2.2 and 4). */
function skipEmpty(text: string): number {
  let at = 0;
  while (isEmpty(text.charCodeAt(at))) at++;
  return at;
}

const isEmpty = (code: number): boolean =>
  code === 0x0a || code === carriageReturn || code === 0x20 || code === 0x09;

function isPlausibleStart(text: string, start: number): boolean {
  return text.startsWith("HTTP/1.", start) || "HTTP/1.".startsWith(text.slice(start, start + 7));
}

function problemOfStart(text: string, start: number): HeadProblem {
  return /^HTTP\/[0-9]/.test(text.slice(start, start + 6)) ? "HTTP_VERSION" : "NOT_HTTP";
}

/** `end`: of the head without its last line feed, which `gap` begins with. */
type Place = { start: number; end: number; gap: string };

function describe(text: string, { start, end, gap }: Place): HeadResult {
  const feed = text.indexOf("\n", start);
  const isBare = text.charCodeAt(feed - 1) !== carriageReturn;
  const [, minor, blank, code, after = " "] =
    statusLine.exec(text.slice(start, isBare ? feed : feed - 1)) ?? [];
  if (minor === undefined || code === undefined) return malformed("STATUS_LINE");
  const linesMax = headFieldsMax + 1;
  const fields = parseFields(text, feed + 1, end, { isBare, gap, linesMax });
  if (fields.lineCount > headFieldsMax) return malformed("TOO_MANY_HEADERS");
  if (start > 0) fields.doubt("EMPTY_LINE_FIRST");
  if (minor > "1") fields.doubt("HTTP_VERSION");
  if (blank !== " " || after !== " ") fields.note("STATUS_LINE_BLANKS");
  const statusCode = Number(code);
  const framed = frame(fields, statusCode, minor !== "0");
  if (typeof framed === "string") return malformed(framed);
  const { framing, persistent, keepAliveSeconds } = framed;
  const { headers, oddities } = fields;
  const head = { statusCode, headers, framing, persistent, keepAliveSeconds, oddities };
  return { kind: "head", head, bytes: end + gap.length };
}

function malformed(code: HeadProblem): HeadResult {
  return { kind: "malformed", code };
}
