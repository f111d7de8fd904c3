import { answerLimitMs } from "./buckets.ts";
import { type AnswerCounts, answerTotal, percentileMs } from "./percentile.ts";

/** What is looked at together, and how long it is followed, in minutes. */
export const slowMinutes = { window: 10, followed: 60 };
/** Fewer attempts say nothing. */
const attemptsMin = 20;
/** It begins when p95 comes above this, and is over when it falls below that: 1.5 s and 1.2 s. */
const beginsMs = answerLimitMs * 0.75;
const endsMs = answerLimitMs * 0.6;

/** p95 of the newest ten minutes in which enough was sent, while a channel counts as slow. */
export type Slow = { p95Ms: number };

/**
 * Whether a channel answers so slowly that time-outs are near. `minutes` are the counts of the last hour, one for each minute, the
 * oldest first. With hysteresis, so that it does not come and go; where too little is sent to tell, it stays as it was. Nothing is
 * stored for it: it follows from the hour.
 */
export function findSlow(minutes: readonly AnswerCounts[]): Slow | null {
  let slow: Slow | null = null;
  for (let end = 1; end <= minutes.length; end += 1) {
    const counts = together(minutes.slice(Math.max(0, end - slowMinutes.window), end));
    const p95Ms = percentileMs(counts, 0.95);
    if (p95Ms === null || answerTotal(counts) < attemptsMin) continue;
    if (p95Ms >= beginsMs || (slow !== null && p95Ms >= endsMs)) slow = { p95Ms };
    else slow = null;
  }
  return slow;
}

function together(minutes: readonly AnswerCounts[]): AnswerCounts {
  const answers = minutes.reduce<number[]>(
    (sum, one) => one.answers.map((count, index) => count + (sum[index] ?? 0)),
    [],
  );
  return { answers, timeouts: minutes.reduce((sum, one) => sum + one.timeouts, 0) };
}
