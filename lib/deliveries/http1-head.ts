/** The first bytes of an HTTP/1.x answer, understood. */
export type Head = {
  statusCode: number;
  headers: [string, string][];
  framing:
    | { kind: "none" }
    | { kind: "length"; bytes: number }
    | { kind: "chunked" }
    | { kind: "until_close" };
  /** May the connection carry another request, once the body has been read? */
  persistent: boolean;
  /** The server's `Keep-Alive: timeout`, in seconds. */
  keepAliveSeconds: number | null;
};

export type HeadResult =
  | { kind: "incomplete" }
  | { kind: "malformed"; code: string }
  | { kind: "head"; head: Head; bytes: number };

/** Limits on the answer's headers, for both versions of HTTP; beyond them it counts as malformed. */
export const headBytesMax = 16_384;
export const headFieldsMax = 500;

const statusLine = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?:[ \t].*)?$/;
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
const badValue = /[\u0000-\u0008\u000a-\u001f\u007f]/;
const decimal = /^[0-9]{1,15}$/;

/**
 * Reads the status line and fields at the start of `bytes` (RFC 9112). As lenient as LINE's sender where that is
 * harmless (a bare line feed ends a line, an absent reason phrase), strict in everything that says where the answer ends.
 */
export function parseHead(bytes: Buffer): HeadResult {
  const end = headEnd(bytes);
  if (end === null) {
    if (bytes.length > headBytesMax) return malformed("HEADERS_TOO_LONG");
    return isPlausibleStart(bytes) ? { kind: "incomplete" } : malformed("NOT_HTTP");
  }
  if (end.head > headBytesMax) return malformed("HEADERS_TOO_LONG");
  const lines = bytes.toString("latin1", 0, end.head).split("\n");
  const [, minor, code] = statusLine.exec(withoutCr(lines[0] ?? "")) ?? [];
  if (minor === undefined || code === undefined) return malformed("STATUS_LINE");
  if (lines.length - 1 > headFieldsMax) return malformed("TOO_MANY_HEADERS");
  const headers: [string, string][] = [];
  for (let index = 1; index < lines.length; index++) {
    const field = parseField(withoutCr(lines[index] ?? ""));
    if (field === null) return malformed("HEADER");
    headers.push(field);
  }
  return describe(Number(code), minor === "1", headers, end.rest);
}

function headEnd(bytes: Buffer): { head: number; rest: number } | null {
  const crlf = bytes.indexOf("\r\n\r\n", 0, "latin1");
  // Bare line feeds may end the head earlier than the CRLF pair that was found, which then is part of the body.
  const lf = earliest(bytes.indexOf("\n\n", 0, "latin1"), bytes.indexOf("\n\r\n", 0, "latin1"));
  if (crlf !== -1 && (lf === -1 || crlf < lf)) return { head: crlf, rest: crlf + 4 };
  if (lf === -1) return null;
  return { head: lf, rest: lf + (bytes[lf + 1] === 0x0a ? 2 : 3) };
}

function earliest(a: number, b: number): number {
  if (a === -1) return b;
  return b === -1 ? a : Math.min(a, b);
}

function isPlausibleStart(bytes: Buffer): boolean {
  const start = bytes.toString("latin1", 0, 7);
  return "HTTP/1.".startsWith(start);
}

function parseField(line: string): [string, string] | null {
  const colon = line.indexOf(":");
  if (colon <= 0) return null;
  const name = line.slice(0, colon);
  const value = line.slice(colon + 1).trim();
  return fieldName.test(name) && !badValue.test(value) ? [name, value] : null;
}

function describe(
  statusCode: number,
  isHttp11: boolean,
  headers: [string, string][],
  bytes: number,
): HeadResult {
  const found: Found = { length: null, codings: "", connection: "", keepAliveSeconds: null };
  for (const [name, value] of headers) {
    if (!note(found, name, value)) return malformed("CONTENT_LENGTH");
  }
  const { length, codings, connection, keepAliveSeconds } = found;
  const framing = frame(statusCode, codings, length);
  const isWanted = isHttp11 ? !hasToken(connection, "close") : hasToken(connection, "keep-alive");
  const isClear = framing.kind !== "until_close" && (codings === "" || length === null);
  return {
    kind: "head",
    head: { statusCode, headers, framing, persistent: isWanted && isClear, keepAliveSeconds },
    bytes,
  };
}

type Found = {
  length: string | null;
  codings: string;
  connection: string;
  keepAliveSeconds: number | null;
};

/** Takes in a field that matters for the connection; false when it leaves unknown where the answer ends. */
function note(found: Found, name: string, value: string): boolean {
  // By length first: most fields are none of these.
  if (name.length === 10) {
    const lower = name.toLowerCase();
    if (lower === "connection") found.connection += `,${value.toLowerCase()}`;
    else if (lower === "keep-alive") found.keepAliveSeconds = keepAliveTimeout(value);
  } else if (name.length === 14 && name.toLowerCase() === "content-length") {
    // Twice the same is one (RFC 9112 section 6.3).
    if (!decimal.test(value) || (found.length !== null && found.length !== value)) return false;
    found.length = value;
  } else if (name.length === 17 && name.toLowerCase() === "transfer-encoding") {
    found.codings += `,${value.toLowerCase()}`;
  }
  return true;
}

function frame(statusCode: number, codings: string, length: string | null): Head["framing"] {
  if (statusCode < 200 || statusCode === 204 || statusCode === 304) return { kind: "none" };
  if (codings !== "") {
    return codings.split(",").at(-1)?.trim() === "chunked"
      ? { kind: "chunked" }
      : { kind: "until_close" };
  }
  return length === null ? { kind: "until_close" } : { kind: "length", bytes: Number(length) };
}

function keepAliveTimeout(value: string): number | null {
  const [, seconds] = /(?:^|[,;\s])timeout\s*=\s*"?([0-9]{1,6})/i.exec(value) ?? [];
  return seconds === undefined ? null : Number(seconds);
}

function hasToken(list: string, token: string): boolean {
  return list !== "" && list.split(",").some((item) => item.trim() === token);
}

function withoutCr(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

function malformed(code: string): HeadResult {
  return { kind: "malformed", code };
}
