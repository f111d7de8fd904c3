import { setTimeout as pause } from "node:timers/promises";
import { createBackoff } from "#lib/backoff.ts";
import { logFailure } from "#lib/database-log.ts";
import type { Database } from "#lib/db.ts";
import type { Log } from "#lib/log.ts";
import { type StepReport, stepRedeliveryJob } from "#lib/redeliveries/step-job.ts";

export type RedeliveryJobs = { stop: () => Promise<void> };

/** While no job runs. */
const idleMs = 500;
/** While one runs; its steps are paced by their own due times. */
const busyMs = 50;
/** So long after a step jobs are taken to run on. */
const busyForMs = 2_000;

/** After steps that failed, at most. */
const failedMaxMs = 5_000;

/** Takes the steps of redelivery jobs. Every worker runs it; a job is stepped by one at a time. */
export function startRedeliveryJobs(database: Pick<Database, "db">, log: Log): RedeliveryJobs {
  const stopping = new AbortController();
  const backoff = createBackoff({ minMs: idleMs, maxMs: failedMaxMs });
  let busyUntil = 0;
  /** Takes a step; resolves with how long to wait before the next. */
  const step = async (): Promise<number> => {
    try {
      const report = await stepOnce(database, log);
      backoff.reset();
      if (report !== null) busyUntil = performance.now() + busyForMs;
      // A step that only looked on is followed by the next at once.
      if (report !== null && report.redelivered === 0 && report.ended === null) return 0;
      return performance.now() < busyUntil ? busyMs : idleMs;
    } catch (error) {
      logFailure(log, error, "a step of a redelivery job failed; it is tried again");
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
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

async function stepOnce({ db }: Pick<Database, "db">, log: Log): Promise<StepReport | null> {
  const report = await stepRedeliveryJob(db);
  if (report !== null && report.ended !== null) log.info(report, "a redelivery job ended");
  return report;
}
