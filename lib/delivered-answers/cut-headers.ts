import { type AnswerContent, keptHeaderCharactersMax, keptValueCharactersMax } from "./schema.ts";

/** As many fields as fit, in their order; long values end with an ellipsis, and what no longer fits is left out. */
export function cutHeaders(headers: AnswerContent["headers"]): AnswerContent["headers"] {
  const kept: (readonly [string, string])[] = [];
  let left = keptHeaderCharactersMax;
  for (const [name, value] of headers) {
    const shown = value.length > keptValueCharactersMax ? `${start(value)}…` : value;
    left -= name.length + shown.length;
    if (left < 0) break;
    kept.push([name, shown]);
  }
  return kept;
}

/** Never half a character: PostgreSQL takes no JSON with one. */
function start(value: string): string {
  return value.slice(0, keptValueCharactersMax).replace(/[\ud800-\udbff]$/, "");
}
