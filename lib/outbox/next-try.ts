const minuteMs = 60_000;
/** The second retry outlasts usual greylisting. */
const stepsMs = [1, 5, 15, 30, 60].map((minutes) => minutes * minuteMs);

/** While nothing comes through at all a try costs little, and whoever mends it waits for the first. */
const serverTroubleStepMs = 5 * minuteMs;

/** A mail that says something is broken is noise when it is older than this (docs/notifications.md#how-emails-are-sent). */
const retryUntilMs = 24 * 60 * minuteMs;
/** How long to wait before a mail whose fate is unknown is sent once more: most servers have settled by then. */
export const uncertainDelayMs = 10 * minuteMs;

/**
 * How long to wait after the try number `tries` was put off by the server, or null when the next one would come later than
 * 24 h after the mail could be sent first. 1, 5, 15, 30, then every 60 minutes; tries from before `ageMs` do not count.
 */
export function nextTryDelayMs(tries: number, ageMs: number): number | null {
  const delayMs = Math.min(stepAfter(tries), stepAtAge(ageMs));
  return ageMs + delayMs > retryUntilMs ? null : delayMs;
}

/** How long to wait while the mail server is away or refuses to be used: 1, then every 5 minutes, without an end. */
export const serverTroubleDelayMs = (tries: number): number =>
  Math.min(stepAfter(tries), serverTroubleStepMs);

const stepAfter = (tries: number): number =>
  stepsMs[Math.min(tries, stepsMs.length) - 1] ?? minuteMs;

/** The step that a mail of this age has come to when every try before was put off, too. */
function stepAtAge(ageMs: number): number {
  let passedMs = 0;
  for (const stepMs of stepsMs) {
    passedMs += stepMs;
    if (ageMs < passedMs) return stepMs;
  }
  return stepAfter(stepsMs.length);
}
