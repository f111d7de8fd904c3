import { setTimeout as pause } from "node:timers/promises";
import { createBackoff } from "./backoff.ts";
import { logFailure } from "./database-log.ts";
import type { Log } from "./log.ts";

/** `stop` resolves when the step in hand is over. */
export type Steps = { stop: () => Promise<void> };

type StepsOptions = {
  idleMs: number;
  /** The longest pause after steps that failed; default 5 s. */
  failedMaxMs?: number;
  failed: string;
  log: Log;
};

/**
 * Takes one step after the other until stopped. `step` resolves with how many ms to wait before the next, 0 for not at all;
 * one that fails is logged as `failed` and tried again at growing pauses, which begin with `idleMs`.
 */
export function takeSteps(step: () => Promise<number>, options: StepsOptions): Steps {
  const { idleMs, failedMaxMs = 5_000, failed, log } = options;
  const stopping = new AbortController();
  const backoff = createBackoff({ minMs: idleMs, maxMs: Math.max(idleMs, failedMaxMs) });
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
