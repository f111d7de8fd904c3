import { brotliDecompressSync, constants, gunzipSync, inflateSync } from "node:zlib";
import type { AnswerHead } from "./answer-head.ts";

const htmlType = /^\s*(?:text\/html|application\/xhtml\+xml)\b/i;

export const isHtml = ({ contentType }: AnswerHead): boolean =>
  contentType !== null && htmlType.test(contentType);

/** Enough for what 1 KiB holds of a page; more is no page. */
const decodedBytesMax = 65_536;

/** The beginning of what was coded; the bytes themselves where they do not decode. */
export function decoded(body: Buffer, { contentEncoding }: AnswerHead): Buffer {
  const finishFlush = constants.Z_SYNC_FLUSH;
  const maxOutputLength = decodedBytesMax;
  try {
    switch (contentEncoding?.trim().toLowerCase()) {
      case "gzip":
      case "x-gzip":
        return gunzipSync(body, { finishFlush, maxOutputLength });
      case "deflate":
        return inflateSync(body, { finishFlush, maxOutputLength });
      case "br":
        return brotliDecompressSync(body, {
          finishFlush: constants.BROTLI_OPERATION_FLUSH,
          maxOutputLength,
        });
      default:
        return body;
    }
  } catch {
    return body;
  }
}
