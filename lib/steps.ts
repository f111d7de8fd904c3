import { setTimeout as pause } from "node:timers/promises";
import { createBackoff } from "#lib/backoff.ts";
import { logFailure } from "#lib/database-log.ts";
import type { Log } from "#lib/log.ts";

export type Steps = { stop: () => Promise<void> };

/** After steps that failed, at most. */
const failedMaxMs = 5_000;

/**
 * Takes one step after the other until stopped. `step` resolves with how long to wait before the next, 0 for not at all; one
 * that fails is logged as `failed` and tried again at growing pauses, which begin with `idleMs`.
 */
export function takeSteps(
  step: () => Promise<number>,
  { idleMs, failed, log }: { idleMs: number; failed: string; log: Log },
): Steps {
  const stopping = new AbortController();
  const backoff = createBackoff({ minMs: idleMs, maxMs: failedMaxMs });
  const take = async (): Promise<number> => {
    try {
      const pauseMs = await step();
      backoff.reset();
      return pauseMs;
    } catch (error) {
      logFailure(log, error, failed);
      return backoff.next();
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const pauseMs = await take();
      if (pauseMs === 0) continue;
      await pause(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}
