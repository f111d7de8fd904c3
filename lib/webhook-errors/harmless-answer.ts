import { z } from "zod";
import { harmlessText } from "#lib/answers/harmless-text.ts";
import type { ShownAnswer, ShownBody } from "#lib/answers/schema.ts";
import { showBody, showHeaderValue } from "#lib/answers/show-answer.ts";

const Headers = z
  .array(z.tuple([z.string(), z.string()]))
  .nullable()
  .catch(null);

/**
 * What was stored of a bot server's answer, unpacked and read for people, as harmless text: it protects from control
 * characters and broken encodings, not from being rendered as HTML.
 */
export async function harmlessAnswer(
  stored: unknown,
  body: Uint8Array | null,
): Promise<ShownAnswer> {
  const headers = Headers.parse(stored);
  const shown = await showBody(headers ?? [], body);
  return {
    responseHeaders:
      headers?.map(
        ([name, value]) => [harmlessText(name), harmlessText(showHeaderValue(value))] as const,
      ) ?? null,
    responseBody: shown && harmlessBody(shown),
  };
}

/** What the answer says of itself is the bot server's text as well. */
function harmlessBody({ text, packing, charset, byteCount }: ShownBody): ShownBody {
  const { contradicts } = charset;
  return {
    text: harmlessText(text),
    byteCount,
    packing:
      packing?.state === "left" ? { ...packing, coding: harmlessText(packing.coding) } : packing,
    charset: { ...charset, contradicts: contradicts && harmlessText(contradicts) },
  };
}
