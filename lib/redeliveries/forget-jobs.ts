import type { Pool } from "pg";
import { deleteAll } from "#lib/retention/delete-all.ts";

/**
 * Lets go jobs that ended before `logDays`, and what jobs that are no more had queued: also those of a deleted channel, whose
 * deletion would take as long as they are many. A job may have queued any number of webhooks, so they go in parts.
 */
export async function forgetJobs(pool: Pool, { logDays }: { logDays: number }): Promise<void> {
  const ended = "finished_at < now() - make_interval(days => $1)";
  await deleteAll(pool, "redelivery_jobs", ended, logDays);
  const orphaned = "not exists (select from redelivery_jobs j where j.id = job_id)";
  await deleteAll(pool, "redelivery_job_webhooks", orphaned);
}
