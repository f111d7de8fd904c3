import type { AnswerHead } from "./answer-head.ts";
import { decoded, isHtml } from "./decoded.ts";

/**
 * Is the body a web page, or the source of one? `text/html` alone says nothing: it is what PHP, Flask and Express put
 * before a plain `OK`. So the markup of a whole page is asked for: at the body's beginning, or, where the type says HTML, anywhere
 * in what was kept of it. A body in a coding is looked into only where its type says HTML.
 */
export function isWebPage(body: Buffer, head: AnswerHead): boolean {
  if (body.length === 0) return false;
  const isTyped = isHtml(head);
  if (!isTyped && !mayBeginMarkup(body[0] ?? 0)) return false;
  const text = asText(isTyped ? decoded(body, head) : body);
  if (/^[[{"]/.test(text)) return false;
  return page.test(text.slice(markupAt(text))) || (isTyped && pageAnywhere.test(text));
}

const page = /^<(?:!doctype\s+html|html|head|body|title|frameset|\?php)\b/i;
const pageAnywhere = /<(?:!doctype\s+html|html|head|body|title|frameset)\b/i;

/** `<`, white space, or the first byte of a byte order mark or of a zero byte before ASCII in UTF-16. */
function mayBeginMarkup(byte: number): boolean {
  return byte <= 0x20 || byte === 0x3c || byte >= 0xef;
}

/** ASCII as it is in every encoding of the web, UTF-16 included, without a byte order mark and leading white space. */
function asText(body: Buffer): string {
  const text = body
    .toString("latin1")
    .replace(/^(?:\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)/, "");
  return (text.includes("\0") ? text.replaceAll("\0", "") : text).trimStart();
}

/** Where markup begins behind comments and an XML declaration; linear in the text. */
function markupAt(text: string): number {
  let at = 0;
  for (;;) {
    while (/\s/.test(text.charAt(at))) at += 1;
    const end = ignored.find(([start]) => text.startsWith(start, at))?.[1];
    const endsAt = end === undefined ? -1 : text.indexOf(end, at);
    if (end === undefined || endsAt === -1) return at;
    at = endsAt + end.length;
  }
}

const ignored = [
  ["<!--", "-->"],
  ["<?xml", "?>"],
] as const;
