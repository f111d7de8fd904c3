import {
  type BrotliOptions,
  brotliDecompress,
  gunzip,
  inflate,
  type Zlib,
  type ZlibOptions,
} from "node:zlib";
import { AppError } from "#lib/app-error.ts";

type Decoded = { buffer: Buffer; engine: Zlib };
type Decode = (
  body: Buffer,
  options: ZlibOptions & BrotliOptions & { info: true },
  done: (error: Error | null, result: Buffer) => void,
) => void;

/** RFC 9110 section 8.4.1; gzip may come in several members (RFC 1952 section 2.2), deflate only in its zlib frame. */
const decoders = new Map<string, Decode>([
  ["gzip", gunzip],
  ["br", brotliDecompress],
  ["deflate", inflate],
]);
const takenCodings = [...decoders.keys()].join(", ");

/**
 * A body without its Content-Encoding. It stops as soon as more than `bytesMax` came out; one coding at most is undone.
 * @throws AppError `unsupported` for a coding that is not taken, `too_large`, `invalid` for bytes that are not what they are
 * said to be: all of them, nothing missing and nothing behind.
 */
export async function decodeBody(
  body: Buffer,
  header: string | undefined,
  bytesMax: number,
): Promise<Buffer> {
  const codings = codingsOf(header);
  const [coding] = codings;
  if (coding === undefined) return body;
  const decode = codings.length === 1 ? decoders.get(coding) : undefined;
  if (decode === undefined) {
    throw unsupported(`must be one of ${takenCodings}, or be left out`, header, takenCodings);
  }
  try {
    const { buffer, engine } = await run(decode, body, bytesMax);
    // Zeros behind gzip, and anything behind the others, is passed over in silence.
    if (engine.bytesWritten === body.length) return buffer;
  } catch (error) {
    if (isTooLarge(error)) {
      throw new AppError(
        "too_large",
        `The request body must be at most ${bytesMax} bytes, decoded`,
      );
    }
  }
  throw new AppError(
    "invalid",
    `The request body cannot be decoded: its Content-Encoding is ${coding}, but its bytes are damaged, cut off or in another format`,
  );
}

/** For routes that take no coding. @throws AppError `unsupported` */
export function refuseCoding(header: string | undefined): void {
  if (codingsOf(header).length > 0) throw unsupported("must be left out here", header, "identity");
}

/** In the order in which they were applied; `identity` is none, and gzip has an older name. */
function codingsOf(header = ""): string[] {
  return header
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim().replace(/^x-gzip$/, "gzip"))
    .filter((coding) => coding !== "" && coding !== "identity");
}

function unsupported(sentence: string, header: string | undefined, acceptEncoding: string) {
  const message = `Content-Encoding ${sentence} (got ${JSON.stringify(header)})`;
  return new AppError("unsupported", message, { values: { acceptEncoding } });
}

/** With `info`, Node hands over the engine besides the bytes (documented; its types do not say so). */
const run = (decode: Decode, body: Buffer, bytesMax: number): Promise<Decoded> =>
  new Promise((resolve, reject) => {
    decode(body, { info: true, maxOutputLength: bytesMax }, (error, result) => {
      if (error === null) resolve(result as unknown as Decoded);
      else reject(error);
    });
  });

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
