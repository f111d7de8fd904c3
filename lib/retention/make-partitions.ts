import type { Pool } from "pg";
import { poolTime } from "#lib/time/database-time.ts";
import { attempt, changePartition, emptyReport, type PartitionReport } from "./partition-report.ts";
import {
  type Partition,
  type PartitionedTable,
  partitionedTables,
  partitionsBetween,
} from "./partitioned-tables.ts";

const dayMs = 86_400_000;
const aheadDays = 7;

type Queryable = Pick<Pool, "query">;

/**
 * Makes the partitions that are missing from `from` on to a week after `to`: of today and the week ahead by the database's
 * clock unless told otherwise. What could not be made is reported and keeps nothing else from being made; callers that run
 * together do not get in each other's way.
 */
export async function makePartitions(
  client: Queryable,
  span: { from?: Date; to?: Date } = {},
): Promise<PartitionReport> {
  const report = emptyReport();
  const now = await poolTime(client);
  const { from = now, to = from } = span;
  for (const table of partitionedTables) {
    await attempt(report, table.table, () => makeAhead(client, table, { from, to }, report));
  }
  return report;
}

/** The same for one table; the table's later partitions wait for the next call when one cannot be made. */
export async function makeAhead(
  client: Queryable,
  table: PartitionedTable,
  { from, to }: { from: Date; to: Date },
  report: PartitionReport,
): Promise<void> {
  const existing = await listPartitions(client, table);
  const last = new Date(to.getTime() + aheadDays * dayMs);
  for (const partition of partitionsBetween(table, from, last)) {
    if (existing.has(partition.name)) continue;
    const done = await attempt(report, partition.name, () =>
      changePartition(client, partition.name, makingOf(table, partition)),
    );
    if (done === undefined) return;
    if (done) report.created.push(partition.name);
  }
}

export async function listPartitions(
  client: Queryable,
  { table }: PartitionedTable,
): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = to_regclass($1)`,
    [table],
  );
  return new Set(rows.map((row) => row.name));
}

/**
 * Made beside its table and then attached: that takes a weaker lock than `partition of`, so inserts go on. Rows of the
 * span that already lie in the default partition are moved first, because they would forbid the attachment.
 */
function makingOf({ table, column }: PartitionedTable, { name, ...span }: Partition): string {
  const [from, to] = [span.from.toISOString(), span.to.toISOString()];
  return `
    create table ${name} (like ${table} including defaults including constraints);
    with moved as (delete from ${table}_default where ${column} >= '${from}' and ${column} < '${to}' returning *)
    insert into ${name} select * from moved;
    alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}')`;
}
