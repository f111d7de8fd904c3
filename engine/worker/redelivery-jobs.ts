import { setTimeout as pause } from "node:timers/promises";
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

/** Takes the steps of redelivery jobs. Every worker runs it; a job is stepped by one at a time. */
export function startRedeliveryJobs(database: Pick<Database, "db">, log: Log): RedeliveryJobs {
  const stopping = new AbortController();
  let busyUntil = 0;
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const report = await stepOnce(database, log);
      if (report !== null) busyUntil = performance.now() + busyForMs;
      // A step that only looked on is followed by the next at once.
      if (report !== null && report.redelivered === 0 && report.ended === null) continue;
      await pause(performance.now() < busyUntil ? busyMs : idleMs, undefined, {
        signal: stopping.signal,
      }).catch(() => undefined);
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
  try {
    const report = await stepRedeliveryJob(db);
    if (report !== null && report.ended !== null) log.info(report, "a redelivery job ended");
    return report;
  } catch (error) {
    log.error({ err: error }, "a step of a redelivery job failed; it is tried again");
    return null;
  }
}
