import type { Pool } from "pg";
import { forgetOldAudit } from "#lib/audit/forget-old.ts";
import { reopenCancellations } from "#lib/cancellations/reopen.ts";
import type { Log } from "#lib/log.ts";
import { forgetStarts } from "#lib/notifications/attempt-starts.ts";
import { forgetOldMails } from "#lib/notifications/forget-old.ts";
import { forgetJobs } from "#lib/redeliveries/forget-jobs.ts";
import { deleteAll } from "#lib/retention/delete-all.ts";
import { forgetEnded } from "#lib/retention/forget-ended.ts";
import { forgetOldHours } from "#lib/retention/forget-old-hours.ts";
import { emptyReport } from "#lib/retention/partition-report.ts";
import {
  type PartitionedTable,
  partitionedTables,
  type RetentionDays,
} from "#lib/retention/partitioned-tables.ts";
import { keepTable } from "#lib/retention/partitions.ts";

export type Retention = RetentionDays & { audit: number; mails: number };

/** A part of housekeeping that is done on its own: what fails here fails there only. */
export type Chore = { name: string; run: (pool: Pool) => Promise<unknown> };

/** All there is to do, in the order in which it is done. What retention ends the statements find by the database's clock. */
export const choresOf = (retention: Retention, log: Log): Chore[] => [
  ...partitionedTables.map((table) => partitionChore(table, retention, log)),
  { name: "old hours", run: (pool) => forgetOldHours(pool, retention.rows) },
  { name: "old audit entries", run: (pool) => forgetOldAudit(pool, retention.audit) },
  { name: "old mails", run: (pool) => forgetOldMails(pool, retention.mails) },
  { name: "old starts of attempts", run: forgetStarts },
  {
    name: "old idempotency keys",
    run: (pool) => deleteAll(pool, "idempotency_keys", "created_at < now() - interval '24 hours'"),
  },
  {
    name: "old redelivery jobs",
    run: (pool) => forgetJobs(pool, { logDays: retention.log }),
  },
  {
    name: "cancellations left behind",
    run: reopenCancellations,
  },
  {
    name: "ended sessions",
    run: (pool) => deleteAll(pool, "sessions", "expires_at < now()"),
  },
  {
    name: "what has ended",
    run: (pool) => forgetEnded(pool, { rowDays: retention.rows, auditDays: retention.audit }),
  },
];

function partitionChore(table: PartitionedTable, retention: Retention, log: Log): Chore {
  const name = `partitions of ${table.table}`;
  return {
    name,
    run: async (pool) => {
      const report = emptyReport();
      await keepTable(pool, table, retention, report);
      const { created, dropped } = report;
      if (created.length + dropped.length > 0)
        log.info({ created, dropped }, "partitions maintained");
      const failed = report.failed.map((one) => `${one.name}: ${one.message}`);
      const strays = report.strays.map((one) => `rows of ${one} belong to no partition`);
      const problems = [...failed, ...strays];
      if (problems.length > 0) throw new Error(problems.join("; "));
    },
  };
}
