import type { Pool } from "pg";
import { forgetOldAudit } from "#lib/audit/forget-old.ts";
import type { Log } from "#lib/log.ts";
import { forgetOldMails } from "#lib/notifications/forget-old.ts";
import { forgetOldHours } from "#lib/retention/forget-old-hours.ts";
import { keepPartitions, type RetentionDays } from "#lib/retention/partitions.ts";

export type Housekeeping = { stop: () => Promise<void> };

const everyMs = 10 * 60_000;

/**
 * Keeps partitions ahead of time, lets go what retention ends, and forgets idempotency keys after 24 h and sessions and
 * redelivery jobs that have ended. Every worker runs it; they take turns, and what one has done the next finds done. Resolves when the
 * first round is over: before anything is written there are partitions for it, because rows that have to be moved into
 * a late partition can be missed by someone who counts at that moment.
 */
export async function startHousekeeping(
  pool: Pool,
  retention: RetentionDays & { audit: number; mails: number },
  log: Log,
): Promise<Housekeeping> {
  let under: Promise<void> = Promise.resolve();
  const round = async (): Promise<void> => {
    try {
      const report = await keepPartitions(pool, new Date(), retention);
      if (report.created.length + report.dropped.length > 0) log.info(report, "partitions kept");
      if (report.failed.length > 0) {
        log.error({ failed: report.failed }, "partitions could not be kept; it is tried again");
      }
      if (report.strays.length > 0) {
        log.error(
          { tables: report.strays },
          "rows lie outside every partition: is this machine's clock right?",
        );
      }
      await forgetOldHours(pool, retention.rows);
      await pool.query(
        `delete from idempotency_keys where created_at < now() - interval '24 hours'`,
      );
      await pool.query(
        `delete from redelivery_jobs where finished_at < now() - make_interval(days => $1)`,
        [retention.log],
      );
      await forgetOldAudit(pool, retention.audit);
      await forgetOldMails(pool, retention.mails);
      await pool.query(`delete from sessions where expires_at < now()`);
    } catch (error) {
      log.error({ err: error }, "housekeeping failed; it is tried again");
    }
  };
  await round();
  const timer = setInterval(() => {
    under = under.then(round);
  }, everyMs);
  return {
    stop: () => {
      clearInterval(timer);
      return under;
    },
  };
}
