import { setTimeout as pause } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";

type Span = "day" | "month";

/** The partitioned tables, how long one partition is, and which retention ends it. */
export const partitionedTables = [
  { table: "webhooks", span: "day", keeps: "log" },
  { table: "webhook_attempts", span: "day", keeps: "errors" },
  { table: "webhook_errors", span: "day", keeps: "errors" },
  { table: "error_rows", span: "month", keeps: "rows" },
  { table: "delivered_minutes", span: "month", keeps: "rows" },
  { table: "superseded_deliveries", span: "day", keeps: "log" },
  { table: "delivered_answers", span: "day", keeps: "log" },
] as const satisfies readonly { table: string; span: Span; keeps: keyof RetentionDays }[];

export type RetentionDays = { log: number; errors: number; rows: number };

export type PartitionReport = {
  created: string[];
  dropped: string[];
  /** What could not be made or dropped this time. */
  failed: { name: string; message: string }[];
  /** Tables whose default partition holds rows: a partition was missing when they came. */
  strays: string[];
};

const aheadDays = 7;
/** Webhooks may end so long after their partition went. */
const lateDays = 7;

/**
 * Creates the partitions of today and the coming week and drops those whose whole span lies before the retention.
 * Whoever waits for a strong lock holds up everybody behind it, intake too: so it never waits longer than 200 ms, a few
 * times, with pauses in which nobody is held up. What could not be done is reported, does not keep the rest from being
 * done, and is done at the next call. Callers that run together take turns by an advisory lock.
 */
export async function keepPartitions(
  pool: Pool,
  now: Date,
  retention: RetentionDays,
): Promise<PartitionReport> {
  const client = await pool.connect();
  const report: PartitionReport = { created: [], dropped: [], failed: [], strays: [] };
  try {
    await client.query("select pg_advisory_lock(7046202)");
    await client.query("set lock_timeout = '200ms'");
    const existing = await listPartitions(client);
    const keeping = { client, now, existing, report };
    for (const { table, span, keeps } of partitionedTables) {
      const oldest = addDays(now, -retention[keeps]);
      await makeAhead(keeping, table, span);
      await dropOld(keeping, table, span, oldest);
      // A webhook that ended after its partition had gone, such as a late redelivery, lands here. What is older still
      // stays and is reported: a wrong clock.
      await client.query(
        `delete from ${table}_default where ${columnOf(table)} >= $1 and ${columnOf(table)} < $2`,
        [addDays(oldest, -lateDays), floor(span, oldest)],
      );
      const stray = await client.query(`select from ${table}_default limit 1`);
      if (stray.rowCount !== 0) report.strays.push(table);
    }
    return report;
  } finally {
    await client.query("reset lock_timeout").catch(() => undefined);
    await client.query("select pg_advisory_unlock(7046202)").catch(() => undefined);
    client.release();
  }
}

type Keeping = {
  client: PoolClient;
  now: Date;
  existing: ReadonlySet<string>;
  report: PartitionReport;
};

async function makeAhead(
  { client, now, existing, report }: Keeping,
  table: string,
  span: Span,
): Promise<void> {
  for (const from of spansBetween(span, now, addDays(now, aheadDays))) {
    const name = `${table}_${nameOf(span, from)}`;
    if (existing.has(name)) continue;
    const make = () => createPartition(client, table, name, from, next(span, from));
    if (!(await attempt(report, "created", name, make))) return;
  }
}

async function dropOld(
  { client, existing, report }: Keeping,
  table: string,
  span: Span,
  oldest: Date,
): Promise<void> {
  for (const name of existing) {
    const from = startOf(span, name, table);
    if (from === undefined || next(span, from) > oldest) continue;
    const drop = () => client.query(`drop table ${name}`);
    if (!(await attempt(report, "dropped", name, drop))) return;
  }
}

const triesMax = 5;
const pauseMs = 300;
const lockNotAvailable = "55P03";

/**
 * Does it, or notes that it could not be done; then the table's other partitions are left for the next call, as what is
 * in the way is in theirs too. A lock that somebody else holds is asked for several times.
 */
async function attempt(
  report: PartitionReport,
  done: "created" | "dropped",
  name: string,
  work: () => Promise<unknown>,
): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      await work();
      report[done].push(name);
      return true;
    } catch (error) {
      const isHeld = error instanceof Error && "code" in error && error.code === lockNotAvailable;
      if (!isHeld || tries === triesMax) {
        report.failed.push({
          name,
          message: error instanceof Error ? error.message : String(error),
        });
        return false;
      }
      await pause(pauseMs);
    }
  }
}

async function listPartitions(client: { query: Pool["query"] }): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where c.relnamespace = current_schema()::regnamespace`,
  );
  return new Set(rows.map((row) => row.name));
}

/**
 * Made beside its table and then attached: that takes a weaker lock than `partition of`, so inserts go on. Rows of the
 * span that already lie in the default partition are moved first, because they would forbid the attachment.
 */
async function createPartition(
  client: { query: Pool["query"] },
  table: string,
  name: string,
  from: Date,
  to: Date,
): Promise<void> {
  const column = columnOf(table);
  const bounds = [from.toISOString(), to.toISOString()];
  try {
    await client.query("begin");
    await client.query(
      `create table ${name} (like ${table} including defaults including constraints)`,
    );
    await client.query(
      `with moved as (delete from ${table}_default where ${column} >= $1 and ${column} < $2 returning *)
       insert into ${name} select * from moved`,
      bounds,
    );
    await client.query(
      `alter table ${table} attach partition ${name} for values from ('${bounds[0]}') to ('${bounds[1]}')`,
    );
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}

/** What the table is partitioned by. */
const columnOf = (table: string): string =>
  ({
    webhooks: "accepted_at",
    webhook_attempts: "started_at",
    webhook_errors: "occurred_at",
    superseded_deliveries: "superseded_at",
    delivered_answers: "started_at",
  })[table] ?? "minute";

function* spansBetween(span: Span, first: Date, last: Date): Generator<Date> {
  for (let at = floor(span, first); at <= last; at = next(span, at)) yield at;
}

function floor(span: Span, at: Date): Date {
  return new Date(
    Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), span === "day" ? at.getUTCDate() : 1),
  );
}

function next(span: Span, at: Date): Date {
  return span === "day"
    ? addDays(at, 1)
    : new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1));
}

const addDays = (at: Date, days: number): Date => new Date(at.getTime() + days * 86_400_000);

const nameOf = (span: Span, at: Date): string =>
  at
    .toISOString()
    .slice(0, span === "day" ? 10 : 7)
    .replaceAll("-", "");

/** The beginning of a partition by its name; undefined when the name is not one of ours for this table. */
function startOf(span: Span, name: string, table: string): Date | undefined {
  const digits = name.startsWith(`${table}_`) ? name.slice(table.length + 1) : "";
  const parts =
    span === "day" ? /^(\d{4})(\d\d)(\d\d)$/.exec(digits) : /^(\d{4})(\d\d)$/.exec(digits);
  if (parts === null) return undefined;
  return new Date(Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3] ?? 1)));
}
