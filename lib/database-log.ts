import { isDatabaseAway } from "./database-away.ts";
import type { Log } from "./log.ts";

export type DatabaseLogOptions = {
  log: Log;
  /** Asks the database anything; rejects while it is away. */
  probe: () => Promise<unknown>;
  /** How often it is asked while it is away, give or take a quarter. */
  askEveryMs?: number;
  /** What nothing may have failed for when it counts as back; doubled each time that it was not. */
  quietMs?: number;
  /** Between the lines that say that it is still away. */
  summaryMs?: number;
};

/** Says once that the database is away, once a minute what failed meanwhile, and once that it is back. */
export type DatabaseLog = {
  /** `what` failed because the database is away. */
  note: (error: unknown, what: string) => void;
  isAway: () => boolean;
};

type Outage = {
  since: Date;
  begunAt: number;
  failedAt: number;
  saidAt: number;
  failed: Map<string, number>;
};

/** Of a database that is back and away again within so long, each failure would otherwise make two lines. */
const unsteadyMs = 60_000;
const quietMaxMs = 60_000;

export function createDatabaseLog(options: DatabaseLogOptions): DatabaseLog {
  const { log, probe, askEveryMs = 1_000, quietMs = 1_500, summaryMs = 60_000 } = options;
  let outage: Outage | undefined;
  let backAt = Number.NEGATIVE_INFINITY;
  let wantedQuietMs = quietMs;

  const askLater = (): void => {
    setTimeout(() => void ask(), askEveryMs * (0.75 + Math.random() / 2)).unref();
  };
  const ask = async (): Promise<void> => {
    if (outage === undefined) return;
    const answers = await probe().then(
      () => true,
      () => false,
    );
    const now = performance.now();
    if (answers && now - outage.failedAt >= wantedQuietMs) {
      log.warn(describe(outage), "the database is back");
      outage = undefined;
      backAt = now;
      return;
    }
    if (now - outage.saidAt >= summaryMs) {
      log.error(describe(outage), "the database is still away");
      outage.saidAt = now;
    }
    askLater();
  };

  return {
    isAway: () => outage !== undefined,
    note: (error, what) => {
      const now = performance.now();
      if (outage === undefined) {
        const isUnsteady = now - backAt < unsteadyMs;
        wantedQuietMs = isUnsteady ? Math.min(quietMaxMs, wantedQuietMs * 2) : quietMs;
        const failed = new Map<string, number>();
        outage = { since: new Date(), begunAt: now, failedAt: now, saidAt: now, failed };
        log.error({ err: error, since: outage.since, what }, "the database is away");
        askLater();
      }
      outage.failedAt = now;
      outage.failed.set(what, (outage.failed.get(what) ?? 0) + 1);
    },
  };
}

function describe({ since, begunAt, failed }: Outage): object {
  const seconds = Math.round((performance.now() - begunAt) / 1_000);
  return { since, seconds, failed: Object.fromEntries(failed) };
}

// Pages, actions and route handlers of the console are bundled apart and share no modules, only `globalThis`.
const shared: typeof globalThis & { tocsinDatabaseLogs?: WeakMap<Log, DatabaseLog> } = globalThis;

/** What fails with `log` because the database is away is gathered from now on; `pool` is asked whether it is back. */
export function gatherOutages(
  log: Log,
  pool: { query: (text: string) => Promise<unknown> },
): DatabaseLog {
  shared.tocsinDatabaseLogs ??= new WeakMap();
  const made = createDatabaseLog({ log, probe: () => pool.query("select 1") });
  shared.tocsinDatabaseLogs.set(log, made);
  return made;
}

/**
 * Logs that `what` failed: by one line, or, when the database is away, as one of its outage (of which `gatherOutages` makes
 * a line when it begins, a minute and when it ends, whoever reports). Only for work whose connection failures are the
 * database's.
 */
export function logFailure(
  log: Log,
  error: unknown,
  what: string,
  { level = "error", ...fields }: { level?: "warn" | "error" } & Record<string, unknown> = {},
): void {
  const outages = shared.tocsinDatabaseLogs?.get(log);
  if (outages !== undefined && isDatabaseAway(error)) outages.note(error, what);
  else log[level]({ err: error, ...fields }, what);
}
