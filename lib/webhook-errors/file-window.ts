// How much of a file is read by one statement. Nobody knows how many rows a stretch of time has before it was read, so each
// width follows from the rows of the one before, and a stretch with too many of them is read again, narrower.

const minuteMs = 60_000;

/** A stretch of time in milliseconds, of whole minutes. */
export type Width = number;

/** What a part of a file aims at: enough that beginning a statement costs nothing, few enough to stand in memory. */
const rowsAimed = 8_000;
/** A part with more is read again, narrower. A minute has never so many: there are 15 details and the status codes. */
export const rowsMax = 2 * rowsAimed;

export const firstWidth: Width = 60 * minuteMs;

/** The next stretch, after one that had so many rows: as many times as wide as rows are missing, at most four times. */
export function followingWidth(width: Width, rowCount: number): Width {
  return wholeMinutes(width * Math.min(4, rowsAimed / Math.max(1, rowCount)));
}

/** The same stretch again, after it had too many rows. */
export const narrower = (width: Width): Width => wholeMinutes(width / 4);

const wholeMinutes = (ms: number): Width =>
  Math.max(minuteMs, Math.floor(ms / minuteMs) * minuteMs);

export const isNarrowest = (width: Width): boolean => width <= minuteMs;
