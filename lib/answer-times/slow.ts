import { answerLimitMs } from "./buckets.ts";
import { type AnswerCounts, answerTotal, percentileMs } from "./percentile.ts";

/**
 * In minutes: what is looked at together; for how long it counts that enough was sent; how far back is looked first, and at most, for
 * when it came above the upper mark or below the lower one.
 */
export const slowMinutes = { window: 10, quiet: 30, first: 60, furthest: 1_440 };
/** Fewer attempts say nothing. */
const attemptsMin = 20;
/** It begins when p95 comes to this, and is over when it falls below that: 1.5 s and 1.2 s. */
const beginsMs = answerLimitMs * 0.75;
const endsMs = answerLimitMs * 0.6;

/** p95 of the newest ten minutes in which enough was sent, while a channel counts as slow. */
export type Slow = { p95Ms: number };

/**
 * Whether a channel answers so slowly that time-outs are near. `minutes` are the counts of the time up to now, one for each minute, the
 * oldest first. Newest first, ten minutes together are looked at until one says it: p95 at the upper mark or above (slow), below the
 * lower mark (not slow), or nothing enough for half an hour (nothing is known, so not slow); between the marks it stays as it was before.
 * Undefined: all there is lies between the marks, and what came before would have to be known. Nothing is stored for it.
 */
export function findSlow(minutes: readonly AnswerCounts[]): Slow | null | undefined {
  let newest: Slow | null = null;
  let judgedEnd = minutes.length;
  for (let end = minutes.length; end >= slowMinutes.window; end -= 1) {
    if (judgedEnd - end > slowMinutes.quiet) return null;
    const counts = together(minutes.slice(end - slowMinutes.window, end));
    const p95Ms = percentileMs(counts, 0.95);
    if (p95Ms === null || answerTotal(counts) < attemptsMin) continue;
    judgedEnd = end;
    newest ??= { p95Ms };
    if (p95Ms >= beginsMs) return newest;
    if (p95Ms < endsMs) return null;
  }
  return newest === null ? null : undefined;
}

function together(minutes: readonly AnswerCounts[]): AnswerCounts {
  const answers = minutes.reduce<number[]>(
    (sum, one) => one.answers.map((count, index) => count + (sum[index] ?? 0)),
    [],
  );
  return { answers, timeouts: minutes.reduce((sum, one) => sum + one.timeouts, 0) };
}
