import { setTimeout as pause } from "node:timers/promises";
import type { Pool } from "pg";
import { type CancellationReport, stepCancellation } from "#lib/cancellations/step.ts";
import type { LiveSignal } from "#lib/live/signal.ts";
import type { Log } from "#lib/log.ts";

export type Cancellations = { stop: () => Promise<void> };

/** While nothing is to be ended. */
const idleMs = 500;

/**
 * Ends what was cancelled, batch after batch, while there is any. Every worker runs it; a cancellation is stepped by one at a
 * time, and goes on where it was when that one dies. Viewers of the channel are told.
 */
export function startCancellations(pool: Pool, live: LiveSignal, log: Log): Cancellations {
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const report = await stepOnce(pool, log);
      if (report !== null && report.endedCount > 0) live.tell("deliveries", [report.channelId]);
      if (report !== null) continue;
      await pause(idleMs, undefined, { signal: stopping.signal }).catch(() => undefined);
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
  try {
    const report = await stepCancellation(pool);
    if (report !== null && report.totalCount !== null) {
      const { channelId, totalCount } = report;
      log.info({ channelId, totalCount }, "what waited when it was cancelled has ended");
    }
    return report;
  } catch (error) {
    log.error({ err: error }, "cancelled webhooks could not be ended; it is tried again");
    return null;
  }
}
