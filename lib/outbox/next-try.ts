const minuteMs = 60_000;
const stepsMs = [1, 5, 15, 30, 60].map((minutes) => minutes * minuteMs);

/** A mail that says something is broken is noise when it is older than this (reliability.md 5). */
const retryUntilMs = 24 * 60 * minuteMs;
/** How long to wait before a mail whose fate is unknown is sent once more: most servers have settled by then. */
export const uncertainDelayMs = 10 * minuteMs;

/**
 * How long to wait after the try number `tries` failed for now, or null when the next one would come later than 24 h
 * after the mail was written. 1, 5, 15, 30, then every 60 minutes: the second retry outlasts usual greylisting.
 */
export function nextTryDelayMs(tries: number, ageMs: number): number | null {
  const delayMs = stepsMs[Math.min(tries, stepsMs.length) - 1] ?? minuteMs;
  return ageMs + delayMs > retryUntilMs ? null : delayMs;
}
