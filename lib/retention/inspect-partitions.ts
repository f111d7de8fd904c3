import type { Pool } from "pg";
import { poolTime } from "#lib/time/database-time.ts";
import { partitionedTables, type RetentionDays } from "./partitioned-tables.ts";

export type PartitionState = {
  /** Whole days from now on for which every table has its partitions; 0 when today's is missing somewhere. */
  daysAhead: number;
  /** Partitions that retention should have dropped a day ago or earlier. */
  overdue: string[];
  /** Tables of which rows lie outside every partition. */
  strays: string[];
  /** Somebody has to look: the keeper does not run, or cannot do its work. */
  isAlarming: boolean;
};

const dayMs = 86_400_000;
/** The keeper makes a week ahead every ten minutes; with so few days left it has failed for days. */
const daysAheadMin = 3;

type Listed = { table: string; name: string; from: Date; to: Date };

/**
 * How the partitions stand, from the database's catalogue alone: it tells of a keeper that fails as well as of one that
 * does not run.
 */
export async function inspectPartitions(
  pool: Pool,
  retention: RetentionDays,
  at?: Date,
): Promise<PartitionState> {
  const now = at ?? (await poolTime(pool));
  const partitions = await listPartitions(pool);
  const tables = partitionedTables.map(({ table, keeps }) => {
    const own = partitions.filter((one) => one.table === table);
    const oldest = now.getTime() - (retention[keeps] + 1) * dayMs;
    return {
      daysAhead: countDaysAhead(own, now),
      overdue: own.filter((one) => one.to.getTime() <= oldest).map((one) => one.name),
    };
  });
  const strays: string[] = [];
  for (const { table } of partitionedTables) {
    const stray = await pool.query(`select from ${table}_default limit 1`);
    if (stray.rowCount !== 0) strays.push(table);
  }
  const daysAhead = Math.min(...tables.map((one) => one.daysAhead));
  const overdue = tables.flatMap((one) => one.overdue);
  const isAlarming = daysAhead < daysAheadMin || overdue.length > 0 || strays.length > 0;
  return { daysAhead, overdue, strays, isAlarming };
}

async function listPartitions(pool: Pool): Promise<Listed[]> {
  const { rows } = await pool.query<Listed>(
    `select p.relname as table, c.relname as name, (bounds[1])::timestamptz as from, (bounds[2])::timestamptz as to
       from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent,
            regexp_match(pg_get_expr(c.relpartbound, c.oid), $r$FROM \\('([^']+)'\\) TO \\('([^']+)'\\)$r$) as bounds
      where p.relkind = 'p' and p.relnamespace = current_schema()::regnamespace and bounds is not null
      order by 3`,
  );
  return rows;
}

function countDaysAhead(partitions: readonly Listed[], now: Date): number {
  let covered = now.getTime();
  for (const { from, to } of partitions) {
    if (from.getTime() <= covered && covered < to.getTime()) covered = to.getTime();
  }
  return Math.floor((covered - now.getTime()) / dayMs);
}
