import { isUtf8 } from "node:buffer";
import { readText } from "./read-text.ts";
import type { ShownBody } from "./schema.ts";
import { unpack } from "./unpack.ts";

type Headers = readonly (readonly [string, string])[];

/**
 * The body of an answer as text, unpacked and read by its charset; null where there is none. Its end may be missing: what
 * comes before is shown. The text still holds whatever was answered: callers make it harmless.
 */
export async function showBody(
  headers: Headers,
  body: Uint8Array | null,
): Promise<ShownBody | null> {
  if (body === null || body.length === 0) return null;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const { bytes: plain, packing } = await unpack(headers, bytes);
  const contentType = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? null;
  return { ...readText(contentType, plain), byteCount: bytes.length, packing };
}

/** A header's value, of which each character is a byte, as UTF-8 where it is that. */
export function showHeaderValue(value: string): string {
  if (!/[\u0080-\u00ff]/.test(value) || /[\u0100-\uffff]/.test(value)) return value;
  const bytes = Buffer.from(value, "latin1");
  return isUtf8(bytes) ? bytes.toString() : value;
}
