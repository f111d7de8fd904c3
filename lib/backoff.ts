export type Backoff = {
  /** The pause before the next try, longer each time, and spread by a quarter either way. */
  next: () => number;
  /** A try went well. */
  reset: () => void;
};

/** Pauses between failed tries: doubled from `minMs` up to `maxMs`. Spread, so that processes do not all come back at once. */
export function createBackoff(
  { minMs, maxMs }: { minMs: number; maxMs: number },
  random: () => number = Math.random,
): Backoff {
  let failures = 0;
  return {
    next: () => {
      const pauseMs = Math.min(maxMs, minMs * 2 ** failures);
      failures += 1;
      return pauseMs * (0.75 + random() / 2);
    },
    reset: () => {
      failures = 0;
    },
  };
}
