import { AppError } from "#lib/app-error.ts";

export const linesMax = 1_000;

const lineFeed = 0x0a;

/**
 * The lines of a body, without those that hold nothing but blanks. Each byte is looked at once at most, and none behind the
 * line that is one too many: what a body of 16 MiB costs must not follow how many lines somebody put into it.
 * @throws AppError `invalid` when there is none, or more than 1,000.
 */
export function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = blankEnd(bytes, 0); at < bytes.length; ) {
    if (lines.length === linesMax) {
      throw new AppError("invalid", `The request body must contain at most ${linesMax} lines`);
    }
    const feed = bytes.indexOf(lineFeed, at);
    const end = feed === -1 ? bytes.length : feed;
    lines.push(bytes.subarray(at, end));
    at = blankEnd(bytes, end);
  }
  if (lines.length === 0) throw new AppError("invalid", "The request body contains no lines");
  return lines;
}

/** The first byte at `at` or behind it that is neither blank nor the end of a line. */
function blankEnd(bytes: Buffer, at: number): number {
  let end = at;
  while (isBlank(bytes[end])) end += 1;
  return end;
}

const isBlank = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === lineFeed || byte === 0x0d || byte === 0x09;
