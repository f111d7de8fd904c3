import { answerLimitMs, bucketStartsMs } from "./buckets.ts";

/** Answers counted by bucket, and attempts that got none in time. */
export type AnswerCounts = { answers: readonly number[]; timeouts: number };

/**
 * The time within which this share (0 to 1) of the attempts was answered, in milliseconds, from the buckets: within one, answers
 * are taken to be spread evenly. Attempts that got no answer in time count as slower than all; among them it is the limit. Null
 * where nothing was counted.
 */
export function percentileMs({ answers, timeouts }: AnswerCounts, share: number): number | null {
  const total = answers.reduce((sum, count) => sum + count, timeouts);
  if (total === 0) return null;
  let left = share * total;
  for (const [index, count] of answers.entries()) {
    if (count > 0 && left <= count) {
      const start = bucketStartsMs[index] ?? answerLimitMs;
      const end = bucketStartsMs[index + 1] ?? answerLimitMs;
      return Math.round(start + (end - start) * (left / count));
    }
    left -= count;
  }
  return answerLimitMs;
}

export const answerTotal = ({ answers, timeouts }: AnswerCounts): number =>
  answers.reduce((sum, count) => sum + count, timeouts);

/** One stretch of a chart. */
export type AnswerPoint = {
  from: Date;
  /** Attempts that were answered or timed out. */
  count: number;
  /** Null: none. */
  p50Ms: number | null;
  p95Ms: number | null;
};

export const toPoint = (from: Date, counts: AnswerCounts): AnswerPoint => ({
  from,
  count: answerTotal(counts),
  p50Ms: percentileMs(counts, 0.5),
  p95Ms: percentileMs(counts, 0.95),
});
