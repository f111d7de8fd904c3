import { blankEnd, nesting, scalarEnd, stringEnd } from "./scan.ts";

/**
 * JSON with a line for each member and element, as `JSON.stringify(value, null, 2)` lays it out, but with every token as it
 * was written. A text that would become longer than `lengthMax` (blanks before deep lines add up) comes back as it is.
 */
export function layOut(text: string, lengthMax: number): string {
  const parts: string[] = [];
  let length = 0;
  let depth = 0;
  for (let at = blankEnd(text, 0); at < text.length && length <= lengthMax; ) {
    const { token, end, change } = tokenAt(text, at);
    depth += change;
    const isBroken = change === 1 || token === ",";
    const part =
      (change === -1 ? lineBreak(depth) : "") + token + (isBroken ? lineBreak(depth) : "");
    parts.push(part);
    length += part.length;
    at = blankEnd(text, end);
  }
  return length > lengthMax ? text : parts.join("");
}

const lineBreak = (depth: number): string => `\n${"  ".repeat(Math.max(0, depth))}`;

type Token = { token: string; end: number; change: -1 | 0 | 1 };

/** An object or array that holds nothing counts as one token. */
function tokenAt(text: string, at: number): Token {
  const code = text.charCodeAt(at);
  const change = nesting(code);
  if (change === 1) {
    const next = blankEnd(text, at + 1);
    if (nesting(text.charCodeAt(next)) === -1) {
      return { token: text.charAt(at) + text.charAt(next), end: next + 1, change: 0 };
    }
  }
  if (change !== 0 || code === 0x2c) return { token: text.charAt(at), end: at + 1, change };
  if (code === 0x3a) return { token: ": ", end: at + 1, change };
  const end = code === 0x22 ? stringEnd(text, at) : scalarEnd(text, at);
  return { token: text.slice(at, end), end, change };
}
