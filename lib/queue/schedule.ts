/** Share by which a step may be shorter or longer, so that webhooks that failed together do not come back together. */
const jitter = 0.2;
/** `Retry-After` may lengthen a step to at most this (docs/delivery.md#redelivery). */
const retryAfterMaxMs = 15 * 60_000;
/** The bot server says that it is gone for good. */
const goneStatus = 410;

/**
 * How long after a failure the next attempt is due, in milliseconds; null when redelivery stops. Pure.
 * @param failures attempts that have failed, the one just ended included (1 or more)
 * @param scheduleMs the gaps after the first, second, … failure
 * @param random a number in [0, 1)
 * `Retry-After` only lengthens a step; a 410 stops at once.
 */
export function redeliveryDelayMs(options: {
  failures: number;
  statusCode: number | null;
  retryAfterMs: number | null;
  scheduleMs: readonly number[];
  random: number;
}): number | null {
  const step = options.scheduleMs[options.failures - 1];
  if (step === undefined || options.statusCode === goneStatus) return null;
  const spread = Math.round(step * (1 - jitter + 2 * jitter * options.random));
  return Math.max(spread, Math.min(options.retryAfterMs ?? 0, retryAfterMaxMs));
}

/** What a schedule comes to in words: how often at most, and over how many minutes about. */
export function redeliveryRule(scheduleMs: readonly number[]): { count: number; minutes: number } {
  const ms = scheduleMs.reduce((sum, step) => sum + step, 0);
  return { count: scheduleMs.length, minutes: Math.max(1, Math.round(ms / 60_000)) };
}
