import { isUtf8 } from "node:buffer";
import type { Transform } from "node:stream";
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
} from "node:zlib";
import type { Coding, Packing } from "./schema.ts";

/** So much of what comes out is shown: as much as is kept of an answer that is not packed. */
export const shownBytesMax = 65_536;
/** Nobody packs more often on purpose. */
const codingsMax = 3;
const sliceBytesMin = 64;
const nothing: Buffer = Buffer.alloc(0);

const knownCodings: ReadonlyMap<string, Coding> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
  ["br", "br"],
]);

export type Unpacked = { bytes: Buffer; packing: Packing | null };

type Headers = readonly (readonly [string, string])[];

/**
 * Undoes the content and transfer codings of a body, of which the end may be missing. Never more than `shownBytesMax` comes
 * out of a coding, whatever would. A body that is not of the coding its headers name comes back as it is.
 */
export async function unpack(headers: Headers, body: Buffer): Promise<Unpacked> {
  const announced = codingsOf(headers);
  if (announced.length === 0) {
    return isGzip(body) ? undo(body, ["gzip"], false) : { bytes: body, packing: null };
  }
  return undo(body, announced.slice(0, codingsMax), true);
}

/** The outermost first: what was put on for the way, then the content's own in the order opposite to the header's. */
function codingsOf(headers: Headers): string[] {
  const list = (name: string) =>
    headers
      .filter(([written]) => written.toLowerCase() === name)
      .flatMap(([, value]) => value.toLowerCase().split(","))
      .map((coding) => coding.trim())
      .filter((coding) => !["", "identity", "chunked"].includes(coding));
  return [...list("content-encoding"), ...list("transfer-encoding")].reverse();
}

async function undo(
  body: Buffer,
  names: readonly string[],
  isAnnounced: boolean,
): Promise<Unpacked> {
  const codings: Coding[] = [];
  let bytes = body;
  let end: Ending = "whole";
  for (const name of names) {
    const coding = isPlainText(bytes) ? undefined : knownCodings.get(name);
    const result = coding === undefined ? null : await inflate(decoderOf(coding, bytes), bytes);
    if (coding === undefined || result === null || result.bytes.length === 0) {
      if (codings.length === 0)
        return { bytes, packing: { state: "left", coding: name.slice(0, 40) } };
      break;
    }
    codings.push(coding);
    bytes = result.bytes;
    if (result.end !== "whole") end = result.end;
  }
  return { bytes, packing: { state: "unpacked", codings, isAnnounced, end } };
}

type Ending = "whole" | "cut" | "long" | "broken";

function decoderOf(coding: Coding, bytes: Buffer): Transform {
  switch (coding) {
    case "gzip":
      return createGunzip();
    case "deflate":
      // Many servers leave out the zlib header that the name asks for.
      return isZlib(bytes) ? createInflate() : createInflateRaw();
    case "br":
      return createBrotliDecompress();
  }
}

/** What comes out up to the limit; null when the bytes are not of this coding at all. */
async function inflate(
  decoder: Transform,
  bytes: Buffer,
): Promise<{ bytes: Buffer; end: Ending } | null> {
  const pieces: Buffer[] = [];
  let size = 0;
  const known = (end: Ending) => ({ bytes: Buffer.concat(pieces).subarray(0, shownBytesMax), end });
  // In slices, the end by itself: what is wrong in one takes what comes out of that one with it.
  const slice = Math.max(sliceBytesMin, Math.ceil(bytes.length / sliceBytesMin));
  for (let at = 0; at < bytes.length; at += slice) decoder.write(bytes.subarray(at, at + slice));
  decoder.write(nothing, (error) => {
    if (!error) decoder.end();
  });
  try {
    for await (const piece of decoder) {
      pieces.push(piece);
      size += piece.length;
      if (size > shownBytesMax) return known("long");
    }
    return known("whole");
  } catch (error) {
    const isCut =
      error instanceof Error && "errno" in error && error.errno === constants.Z_BUF_ERROR;
    return isCut ? known("cut") : size > 0 ? known("broken") : null;
  }
}

/** What comes out of a packer never is: so it was not packed, whatever the headers say. */
function isPlainText(bytes: Buffer): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return isUtf8(bytes) && !/[\u0000-\u0008\u000e-\u001f]/.test(bytes.toString("latin1"));
}

const isGzip = (bytes: Buffer): boolean =>
  bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 0x08;

/** RFC 1950: method 8, and both bytes together a multiple of 31. */
const isZlib = (bytes: Buffer): boolean =>
  bytes.length > 1 && ((bytes[0] ?? 0) & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0;
