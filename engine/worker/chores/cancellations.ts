import type { Pool } from "pg";
import { stepCancellation } from "#lib/cancellations/step.ts";
import type { LiveSignal } from "#lib/live/signal.ts";
import type { Log } from "#lib/log.ts";
import { type Steps, takeSteps } from "#lib/steps.ts";

/** While nothing is to be ended. */
const idleMs = 500;

/**
 * Ends what was cancelled, batch after batch, while there is any. Every worker runs it; a cancellation is stepped by one at a
 * time, and goes on where it was when that one dies. Viewers of the channel are told.
 */
export function startCancellations(pool: Pool, live: LiveSignal, log: Log): Steps {
  const failed = "cancelled webhooks could not be ended; it is tried again";
  const steps = takeSteps(
    async () => {
      const report = await stepCancellation(pool);
      if (report === null) return idleMs;
      const { channelId, endedCount, totalCount } = report;
      if (endedCount > 0) live.tell("deliveries", [channelId]);
      if (totalCount !== null) {
        log.info({ channelId, totalCount }, "cancelling the waiting webhooks is done");
      }
      return 0;
    },
    { idleMs, failed, log },
  );
  return {
    stop: async () => {
      await steps.stop();
      await live.stop();
    },
  };
}
