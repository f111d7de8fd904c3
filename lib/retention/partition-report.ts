import { setTimeout as pause } from "node:timers/promises";
import type { Pool, QueryResult } from "pg";

export type PartitionReport = {
  created: string[];
  dropped: string[];
  /** What could not be made, dropped or looked at this time. */
  failed: { name: string; message: string }[];
  /** Tables whose default partition holds rows: a partition was missing when they came. */
  strays: string[];
};

export const emptyReport = (): PartitionReport => ({
  created: [],
  dropped: [],
  failed: [],
  strays: [],
});

const triesMax = 5;
const pauseMs = 300;
const lockNotAvailable = "55P03";
/** `duplicate_table` and `undefined_table`: somebody else has made or dropped it meanwhile. */
const doneByOthers: readonly unknown[] = ["42P07", "42P01"];

/**
 * Whoever waits for a strong lock holds up everybody behind it, intake too: so no statement waits longer than this, and
 * `attempt` asks again after a pause in which nobody is held up.
 */
const lockTimeout = "200ms";
const statementTimeout = "60s";

/** Runs statements without parameters, and returns the last one's result. */
export async function runBounded(client: Pick<Pool, "query">, sql: string): Promise<QueryResult> {
  // One round trip is one transaction, so that no lock is held by a process that was stopped in between.
  const results: QueryResult | QueryResult[] = await client.query(
    `set local lock_timeout = '${lockTimeout}'; set local statement_timeout = '${statementTimeout}'; ${sql}`,
  );
  const last = [results].flat().at(-1);
  if (last === undefined) throw new Error("PostgreSQL gave no result");
  return last;
}

/** Any number, the same for every process: with a partition's name, whoever makes or drops that. */
const partitionLock = 7_046_202;

/** Makes or drops a partition: true when it did, false when somebody else has done it meanwhile. */
export async function changePartition(
  client: Pick<Pool, "query">,
  name: string,
  sql: string,
): Promise<boolean> {
  try {
    const turn = `select pg_advisory_xact_lock(${partitionLock}, hashtext('${name}'))`;
    await runBounded(client, `${turn}; ${sql}`);
    return true;
  } catch (error) {
    if (doneByOthers.includes(codeOf(error))) return false;
    throw error;
  }
}

/**
 * Does it, or notes under `name` that it could not be done. A lock that somebody else holds is asked for several times.
 * Undefined: it was not done.
 */
export async function attempt<T>(
  report: PartitionReport,
  name: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (codeOf(error) !== lockNotAvailable || tries === triesMax) {
        report.failed.push({
          name,
          message: error instanceof Error ? error.message : String(error),
        });
        return undefined;
      }
      await pause(pauseMs);
    }
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;
