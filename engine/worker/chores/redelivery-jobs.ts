import type { Database } from "#lib/db.ts";
import type { Log } from "#lib/log.ts";
import { followRedeliveryJob } from "#lib/redeliveries/follow-job.ts";
import { stepRedeliveryJob } from "#lib/redeliveries/step-job.ts";
import { type Steps, takeSteps } from "#lib/steps.ts";

/** While no job runs. */
const idleMs = 500;
/** While one runs; its steps are paced by their own due times. */
const busyMs = 50;
/** So long after a step jobs are taken to run on. */
const busyForMs = 2_000;

/** Takes the steps of redelivery jobs, and follows what they queued. Every worker runs both; a job is stepped by one at a time. */
export function startRedeliveryJobs(database: Pick<Database, "db">, log: Log): Steps {
  const all = [stepJobs(database, log), followJobs(database, log)];
  return {
    stop: async () => {
      await Promise.all(all.map((steps) => steps.stop()));
    },
  };
}

function followJobs({ db }: Pick<Database, "db">, log: Log): Steps {
  return takeSteps(async () => ((await followRedeliveryJob(db)) === null ? idleMs : busyMs), {
    ...{ idleMs, log },
    failed: "what a redelivery job queued could not be followed; it is tried again",
  });
}

function stepJobs({ db }: Pick<Database, "db">, log: Log): Steps {
  let busyUntil = 0;
  return takeSteps(
    async () => {
      const report = await stepRedeliveryJob(db);
      if (report?.ended != null) log.info(report, "a redelivery job ended");
      if (report !== null) busyUntil = performance.now() + busyForMs;
      // A step that only looked on is followed by the next at once.
      if (report !== null && report.redelivered === 0 && report.ended === null) return 0;
      return performance.now() < busyUntil ? busyMs : idleMs;
    },
    { idleMs, failed: "a step of a redelivery job failed; it is tried again", log },
  );
}
