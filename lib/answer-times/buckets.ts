/** So long a bot server may take to answer: milliseconds from the request written to the answer's headers. */
export const answerLimitMs = 2_000;

/** The lower ends of the buckets that answer times are counted into, in milliseconds. Their order and number are stored: never change them. */
export const bucketStartsMs = [
  0, 10, 25, 50, 100, 200, 350, 500, 750, 1_000, 1_250, 1_500, 1_750,
] as const;

export const bucketCount = bucketStartsMs.length;

/** Which bucket an answer time is counted into, from 1 as PostgreSQL's arrays; null where there was no answer. */
export function bucketOf(answerMs: number | undefined): number | null {
  if (answerMs === undefined) return null;
  const after = bucketStartsMs.findIndex((start) => answerMs < start);
  return after === -1 ? bucketCount : Math.max(after, 1);
}

const numbers = bucketStartsMs.map((_, index) => index + 1);

/** SQL: an array with what `of` says for each bucket. */
export const eachBucketSql = (of: (bucket: number) => string): string =>
  `array[${numbers.map(of).join(", ")}]`;
