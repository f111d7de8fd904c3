const safariPauseMs = 2_000;

/** Runs when the browser has nothing else to do; returns how to call it off. */
export function whenIdle(run: () => unknown): () => void {
  // Safari has no idle callbacks.
  if (typeof requestIdleCallback === "undefined") {
    const waiting = setTimeout(run, safariPauseMs);
    return () => clearTimeout(waiting);
  }
  const waiting = requestIdleCallback(run);
  return () => cancelIdleCallback(waiting);
}
