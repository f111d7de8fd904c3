import type { Pool } from "pg";
import { poolTime } from "#lib/time/database-time.ts";
import { listPartitions, makeAhead } from "./make-partitions.ts";
import {
  attempt,
  changePartition,
  emptyReport,
  type PartitionReport,
  runBounded,
} from "./partition-report.ts";
import {
  type Partition,
  type PartitionedTable,
  partitionedTables,
  partitionNamed,
  type RetentionDays,
} from "./partitioned-tables.ts";

const dayMs = 86_400_000;
/**
 * Webhooks may end so long after their partition went: INTAKE_AGE_MAX lets them wait for 30 days, and REDELIVERY_SCHEDULE
 * comes to at most a week, with its jitter to 8.4 days.
 */
const lateDays = 40;

/**
 * Creates the partitions of today and the coming week and drops those whose whole span lies before the retention, by the
 * database's clock alone. What could not be done is reported, does not keep the rest from being done, and is done at the
 * next call. No statement waits for a lock longer than 200 ms; callers that run together do not get in each other's way.
 */
export async function keepPartitions(
  pool: Pick<Pool, "query">,
  retention: RetentionDays,
): Promise<PartitionReport> {
  const report = emptyReport();
  for (const table of partitionedTables) {
    await attempt(report, table.table, () => keepTable(pool, table, retention, report));
  }
  return report;
}

/** One table's part of `keepPartitions`, added to `report`. */
export async function keepTable(
  pool: Pick<Pool, "query">,
  table: PartitionedTable,
  retention: RetentionDays,
  report: PartitionReport,
): Promise<void> {
  const now = await poolTime(pool);
  const days = retention[table.keeps];
  await makeAhead(pool, table, { from: now, to: now }, report);
  await dropOld(pool, table, { now, days }, report);
  await attempt(report, `${table.table}_default`, async () => {
    await runBounded(pool, forgettingOf(table, days));
    const stray = await runBounded(pool, `select from ${table.table}_default limit 1`);
    if (stray.rowCount !== 0) report.strays.push(table.table);
  });
}

/** The table's later partitions wait for the next call when one cannot be dropped: what is in the way is in theirs too. */
async function dropOld(
  pool: Pick<Pool, "query">,
  table: PartitionedTable,
  { now, days }: { now: Date; days: number },
  report: PartitionReport,
): Promise<void> {
  const oldest = now.getTime() - days * dayMs;
  for (const name of await listPartitions(pool, table)) {
    const partition = partitionNamed(table, name);
    if (partition === null || partition.to.getTime() > oldest) continue;
    const done = await attempt(report, name, () =>
      changePartition(pool, name, droppingOf(partition, days)),
    );
    if (done === undefined) return;
    if (done) report.dropped.push(name);
  }
}

/** The database looks at its clock once more: whatever the caller believes, what retention keeps stays. */
function droppingOf({ name, to }: Partition, days: number): string {
  return `
    do $$ begin
      if now() < timestamptz '${to.toISOString()}' + ${spanOf(days)} then
        raise exception '${name} is not older than ${days} days by the clock of the database';
      end if;
    end $$;
    drop table ${name}`;
}

/**
 * A webhook that ended after its partition had gone, such as a late redelivery, lands in the default partition. What is
 * older still stays there and is reported: a wrong clock has written it.
 */
function forgettingOf({ table, span, column }: PartitionedTable, days: number): string {
  return `
    delete from ${table}_default
     where ${column} >= now() - ${spanOf(days + lateDays)}
       and ${column} < date_trunc('${span}', now() - ${spanOf(days)}, 'UTC')`;
}

/** In hours, because a day of the session's time zone may have 23 of them. */
const spanOf = (days: number): string => `make_interval(hours => ${24 * days})`;
