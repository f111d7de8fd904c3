/** How late this process comes to its timers, so that a busy machine does not fail a test about deadlines. */
export type Lateness = {
  /** Milliseconds in all since the start, those of this moment with them. */
  sumMs: () => number;
  stop: () => void;
};

const tickMs = 5;
/** Timers count in whole milliseconds, and a turn of the event loop takes a moment on an idle machine too. */
const usualMs = 2 * tickMs;

export function startLateness(): Lateness {
  let lateMs = 0;
  let last = performance.now();
  const tick = (): void => {
    const now = performance.now();
    lateMs += Math.max(0, now - last - usualMs);
    last = now;
  };
  const timer = setInterval(tick, tickMs);
  return {
    sumMs: () => {
      tick();
      return lateMs;
    },
    stop: () => clearInterval(timer),
  };
}
