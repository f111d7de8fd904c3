import type { AnswerContent } from "#lib/delivered-answers/schema.ts";
import type { Seen } from "#lib/transport/schema.ts";

/** What came from a bot server as JSON. PostgreSQL's holds no NUL; nothing else in a header or a code can offend it. */
export function storableJson(value: AnswerContent["headers"] | Seen): string {
  return JSON.stringify(value).replaceAll("\\u0000", "\\ufffd");
}
