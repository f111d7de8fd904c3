import type { Fields } from "./http1-fields.ts";

/** What says where the body ends. */
export type Framing =
  | { kind: "none" }
  | { kind: "length"; bytes: number }
  | { kind: "chunked" }
  | { kind: "until_close" };

export type Framed = { framing: Framing; persistent: boolean; keepAliveSeconds: number | null };

type Found = {
  lengths: string | null;
  codings: string | null;
  connection: string;
  keepAliveSeconds: number | null;
};

/**
 * Where the answer of these fields ends (RFC 9112 section 6.3) and what becomes of its connection; the name of the problem
 * where a length that counts is no number or contradicts another. That one is refused because two answers may have been
 * mixed: then the status is not surely ours either.
 */
export function frame(
  fields: Fields,
  statusCode: number,
  isHttp11: boolean,
): Framed | "CONTENT_LENGTH" | "CONTENT_LENGTHS_DIFFER" {
  const found = find(fields.headers);
  const framing = whichFraming(fields, found, statusCode, isHttp11);
  if (typeof framing === "string") return framing;
  const { connection, keepAliveSeconds } = found;
  const isWanted = isHttp11 ? !hasToken(connection, "close") : hasToken(connection, "keep-alive");
  const persistent = isWanted && !fields.isDoubtful && framing.kind !== "until_close";
  return { framing, persistent, keepAliveSeconds };
}

function find(headers: readonly [string, string][]): Found {
  const found: Found = { lengths: null, codings: null, connection: "", keepAliveSeconds: null };
  for (const [name, value] of headers) note(found, name, value);
  return found;
}

function note(found: Found, name: string, value: string): void {
  // By length first: most fields are none of these.
  if (name.length === 10) {
    const lower = name.toLowerCase();
    if (lower === "connection") found.connection += `,${value.toLowerCase()}`;
    else if (lower === "keep-alive") found.keepAliveSeconds = keepAliveTimeout(value);
  } else if (name.length === 14 && name.toLowerCase() === "content-length") {
    found.lengths = found.lengths === null ? value : `${found.lengths},${value}`;
  } else if (name.length === 17 && name.toLowerCase() === "transfer-encoding") {
    found.codings = `${found.codings ?? ""},${value.toLowerCase()}`;
  }
}

function whichFraming(
  fields: Fields,
  { lengths, codings }: Found,
  statusCode: number,
  isHttp11: boolean,
): Framing | "CONTENT_LENGTH" | "CONTENT_LENGTHS_DIFFER" {
  const length = lengths === null ? null : readLength(fields, lengths);
  if (statusCode < 200 || statusCode === 204 || statusCode === 304) {
    if (codings !== null || (length !== null && length !== 0)) fields.doubt("LENGTH_WITHOUT_BODY");
    return { kind: "none" };
  }
  if (codings !== null) {
    if (length !== null) fields.doubt("LENGTH_AND_CHUNKS");
    return whichCoding(fields, codings, isHttp11);
  }
  if (typeof length === "string") return length;
  return length === null ? { kind: "until_close" } : { kind: "length", bytes: length };
}

function whichCoding(fields: Fields, written: string, isHttp11: boolean): Framing {
  const codings = written
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "");
  const isLast = codings.at(-1) === "chunked";
  if (!isHttp11 || !isLast || codings.indexOf("chunked") !== codings.length - 1) {
    fields.doubt("TRANSFER_ENCODING");
  }
  return { kind: isLast ? "chunked" : "until_close" };
}

/** The length, or what is wrong with it. Many digits are a large number and no fault: so much is never read. */
function readLength(
  fields: Fields,
  written: string,
): number | "CONTENT_LENGTH" | "CONTENT_LENGTHS_DIFFER" {
  if (/^[0-9]+$/.test(written)) return Number(written);
  const lengths = written.split(",").map((length) => length.trim());
  fields.isDoubtful = true;
  if (!lengths.every((length) => /^[0-9]+$/.test(length))) {
    fields.note("CONTENT_LENGTH");
    return "CONTENT_LENGTH";
  }
  fields.note("CONTENT_LENGTH_REPEATED");
  const [first = 0, ...others] = lengths.map(Number);
  return others.every((length) => length === first) ? first : "CONTENT_LENGTHS_DIFFER";
}

function keepAliveTimeout(value: string): number | null {
  const [, seconds] = /(?:^|[,;\s])timeout\s*=\s*"?([0-9]{1,6})/i.exec(value) ?? [];
  return seconds === undefined ? null : Number(seconds);
}

function hasToken(list: string, token: string): boolean {
  return list !== "" && list.split(",").some((item) => item.trim() === token);
}
