import type { DatabaseUse } from "./db.ts";

const settings = {
  acquireMs: 3_000,
  lockMs: 3_000,
  statementMs: 10_000,
  idleTransactionMs: 10_000,
  silenceMs: 13_000,
} satisfies DatabaseUse;

/**
 * What each use may take of the database, in one process. Each has connections of its own, so that none takes another's
 * however long it lasts, and each ends in bounded time. docs/operations.md adds them up.
 */
export const databaseUses = {
  /** Every 202 waits for it; beyond, the caller is told to come again. */
  intake: {
    connectionsMax: 4,
    acquireMs: 2_000,
    lockMs: 1_000,
    statementMs: 4_000,
    idleTransactionMs: 5_000,
    silenceMs: 5_000,
  },
  /** Settings, members, tokens: what the API does beside the intake. */
  api: { ...settings, connectionsMax: 6 },
  /** Pages, forms and sign-in. */
  console: { ...settings, connectionsMax: 10 },
  /**
   * Files: as long as their readers take, by statements that have an end. Of these connections `streamCopies` uses four in
   * ten.
   */
  files: {
    connectionsMax: 10,
    acquireMs: 3_000,
    lockMs: 3_000,
    statementMs: 300_000,
    idleTransactionMs: 60_000,
    silenceMs: 310_000,
  },
  /** Readiness and figures: what watches over the product waits no longer than a second. */
  probe: {
    connectionsMax: 2,
    acquireMs: 800,
    lockMs: 500,
    statementMs: 800,
    idleTransactionMs: 5_000,
    silenceMs: 900,
  },
  /** Claims, outcomes, windows, mails. */
  worker: {
    connectionsMax: 10,
    acquireMs: 10_000,
    lockMs: 10_000,
    statementMs: 60_000,
    idleTransactionMs: 15_000,
    silenceMs: 70_000,
  },
  /** Partitions and what retention ends: deletes that may be long, by nobody waited for, and that wait for nobody. */
  housekeeping: {
    connectionsMax: 1,
    acquireMs: 10_000,
    lockMs: 2_000,
    statementMs: 300_000,
    silenceMs: 320_000,
  },
} as const satisfies Record<string, DatabaseUse>;

/** Of the processes that one start command runs beside its workers, and of a worker: the pools and listeners of each. */
const ofProcesses = { api: 24, console: 25, commands: 3 };
const ofWorker = 12;
/** For whoever looks in by hand, and for what PostgreSQL keeps for its owner. */
const spare = 8;

/** As many connections as everything of one start command may have open at once; docs/operations.md says how they add up. */
export function connectionsOfProduct(workers: number): number {
  const { api, console, commands } = ofProcesses;
  return api + console + commands + workers * ofWorker + spare;
}
