import { logFailure } from "#lib/database-log.ts";
import type { Database } from "#lib/db.ts";
import type { FailingPolicy } from "#lib/endpoint-health/schema.ts";
import { takeHealthSteps } from "#lib/endpoint-health/take-steps.ts";
import type { Log } from "#lib/log.ts";

export type EndpointWatch = { stop: () => Promise<void> };

/**
 * Looks for bot servers that have failed for too long, every ten seconds unless told otherwise. Every worker runs it;
 * what one has done the next finds done.
 */
export function startEndpointWatch(
  database: Pick<Database, "pool" | "db">,
  policy: FailingPolicy,
  log: Log,
  everyMs = 10_000,
): EndpointWatch {
  let under: Promise<void> | undefined;
  const round = async (): Promise<void> => {
    try {
      for (const taken of await takeHealthSteps(database, policy)) {
        log.warn(taken, "a bot server keeps failing");
      }
    } catch (error) {
      logFailure(log, error, "failing bot servers could not be checked; it will be tried again");
    } finally {
      under = undefined;
    }
  };
  // A round that takes longer than the interval is not joined by a second one.
  const timer = setInterval(() => {
    under ??= round();
  }, everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await under;
    },
  };
}
