import { setTimeout as pause } from "node:timers/promises";
import type { Pool } from "pg";
import { createBackoff } from "#lib/backoff.ts";
import { type CancellationReport, stepCancellation } from "#lib/cancellations/step.ts";
import { logFailure } from "#lib/database-log.ts";
import type { LiveSignal } from "#lib/live/signal.ts";
import type { Log } from "#lib/log.ts";

export type Cancellations = { stop: () => Promise<void> };

/** While nothing is to be ended. */
const idleMs = 500;
/** After steps that failed, at most. */
const failedMaxMs = 5_000;

/**
 * Ends what was cancelled, batch after batch, while there is any. Every worker runs it; a cancellation is stepped by one at a
 * time, and goes on where it was when that one dies. Viewers of the channel are told.
 */
export function startCancellations(pool: Pool, live: LiveSignal, log: Log): Cancellations {
  const stopping = new AbortController();
  const backoff = createBackoff({ minMs: idleMs, maxMs: failedMaxMs });
  /** Takes a step; resolves with how long to wait before the next. */
  const step = async (): Promise<number> => {
    try {
      const report = await stepOnce(pool, log);
      backoff.reset();
      if (report === null) return idleMs;
      if (report.endedCount > 0) live.tell("deliveries", [report.channelId]);
      return 0;
    } catch (error) {
      logFailure(log, error, "cancelled webhooks could not be ended; it is tried again");
      return backoff.next();
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const pauseMs = await step();
      if (pauseMs === 0) continue;
      await pause(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
      await live.stop();
    },
  };
}

async function stepOnce(pool: Pool, log: Log): Promise<CancellationReport | null> {
  const report = await stepCancellation(pool);
  if (report !== null && report.totalCount !== null) {
    const { channelId, totalCount } = report;
    log.info({ channelId, totalCount }, "what waited when it was cancelled has ended");
  }
  return report;
}
