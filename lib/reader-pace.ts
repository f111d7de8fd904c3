export type PaceOptions = {
  /** How far a reader may be behind the least pace before the file is broken off. */
  patienceMs: number;
  bytesPerSecondMin: number;
};

/** What a file asks of its reader. Stated in docs/security.md and docs/statistics.md. */
export const readerPace: PaceOptions = { patienceMs: 60_000, bytesPerSecondMin: 65_536 };

export type Pace = {
  /** So many bytes are ready for the reader, who is waited for from now on; `onLate` when that was too long. */
  offer: (byteCount: number, onLate: () => void) => void;
  /** The reader is not waited for any more. Twice is once. */
  stop: () => void;
};

/**
 * Watches that a reader takes bytes at a least pace. Time in which the reader is waited for uses up the patience, bytes that
 * were taken give it back, never more than there was: a burst buys no long pause, and time in which the reader waits for us
 * costs nothing. Does not see past the buffers on the way: what the system took for the reader counts as taken.
 */
export function createPace({ patienceMs, bytesPerSecondMin }: PaceOptions): Pace {
  let leftMs = patienceMs;
  let waitingSince: number | undefined;
  let late: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(late);
    if (waitingSince !== undefined) leftMs -= performance.now() - waitingSince;
    waitingSince = undefined;
  };
  return {
    offer: (byteCount, onLate) => {
      stop();
      leftMs = Math.min(patienceMs, leftMs + (byteCount * 1_000) / bytesPerSecondMin);
      waitingSince = performance.now();
      late = setTimeout(onLate, Math.max(0, leftMs));
    },
    stop,
  };
}
