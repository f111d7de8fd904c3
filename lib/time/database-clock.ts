import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import { AppError } from "#lib/app-error.ts";
import type { Log } from "#lib/log.ts";
import { type ClockOwner, dropClock, noteClock, wrongFromMs } from "./clock-readings.ts";

/** The database's clock, as a process knows it without asking each time. */
export type DatabaseClock = {
  /** The database's time. @throws AppError unavailable before the clock was read for the first time. */
  now: () => Date;
  /**
   * Reads the clock unless it is known: it was read, and neither of this process's own clocks was set or stood still since.
   * @throws whatever the database says.
   */
  settle: () => Promise<void>;
  /** This process's clock less the database's, in milliseconds; null before the first reading. */
  offsetMs: () => number | null;
  /** This process's clock is so far off that it shall do nothing that cannot be undone. */
  isFarOff: () => boolean;
  stop: () => Promise<void>;
};

type Reading = {
  /** The database's time less this process's monotonic clock. */
  toDatabaseMs: number;
  /** This process's wall clock less its monotonic one. */
  toWallMs: number;
  /** The reading is nearer to the truth than this: half of the round trip. */
  doubtMs: number;
};

const farOffMs = 300_000;
/** Below this a clock that was wrong is right again, so that one at the bound is not told of again and again. */
const rightBelowMs = 25_000;
/** A slower answer is asked for again, as so much of it may be the way. */
const slowMs = 250;
const triesMax = 3;
/** One of the process's two clocks has moved against the other: the machine slept, or somebody set its clock. */
const steppedMs = 1_000;
const everyMs = 30_000;
/** How long an ending process waits to take its reading with it. */
const leaveMs = 2_000;

const toWallMs = (): number => Date.now() - performance.now();

/**
 * Reads the database's clock now and every half a minute, and says so when this process's own is more than 30 s off: in the
 * log once per change, and in `clock_readings` for Operations and the metric. Between the readings the database's time is
 * told by the process's monotonic clock, which nobody can set.
 */
export function startDatabaseClock(
  pool: Pool,
  { part, log }: { part: string; log: Log },
): DatabaseClock {
  const owner: ClockOwner = { process: randomUUID(), part, host: hostname() };
  let reading: Reading | null = null;
  let isWrong = false;
  let under: Promise<void> | null = null;
  /** Nobody waits for this: the clock is known, whether or not that could be written down. */
  let noting: Promise<void> = Promise.resolve();

  const offsetMs = (): number | null =>
    reading === null ? null : toWallMs() - reading.toDatabaseMs;
  const note = (offBy: number): void => {
    noting = noting
      .then(() => noteClock(pool, owner, offBy))
      .catch((error: unknown) => log.debug({ err: error }, "the clock reading was not stored"));
  };
  const read = (): Promise<void> => {
    under ??= (async () => {
      reading = await withClient(pool, readClock);
      const offBy = toWallMs() - reading.toDatabaseMs;
      const wasWrong = isWrong;
      isWrong = Math.abs(offBy) - reading.doubtMs > (wasWrong ? rightBelowMs : wrongFromMs);
      if (isWrong !== wasWrong) tell(log, offBy, isWrong);
      note(offBy);
    })().finally(() => {
      under = null;
    });
    return under;
  };
  // A database that does not answer is told of by everybody who needs it.
  const look = () => void read().catch(() => undefined);
  look();
  const timer = setInterval(look, everyMs);
  timer.unref();

  return {
    now: () => {
      if (reading === null) throw notRead();
      return new Date(Math.floor(performance.now() + reading.toDatabaseMs));
    },
    settle: async () => {
      if (reading !== null && Math.abs(toWallMs() - reading.toWallMs) < steppedMs) return;
      // One that was under way may have begun before the step.
      if (reading !== null) await under?.catch(() => undefined);
      await read();
    },
    offsetMs,
    isFarOff: () => Math.abs(offsetMs() ?? 0) - (reading?.doubtMs ?? 0) > farOffMs,
    stop: async () => {
      clearInterval(timer);
      const leave = (async () => {
        await under?.catch(() => undefined);
        await noting;
        await dropClock(pool, owner).catch(() => undefined);
      })();
      // What is left behind by a process that must not wait longer is taken for gone some minutes later.
      await Promise.race([leave, pause(leaveMs, undefined, { ref: false })]);
    },
  };
}

/** The best of a few, on a connection that is there already: to wait for one is no part of the way. */
async function readClock(client: PoolClient): Promise<Reading> {
  let best: Reading | null = null;
  for (let tries = 0; tries < triesMax; tries += 1) {
    const askedAt = performance.now();
    const { rows } = await client.query<{ ms: number }>(
      "select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms",
    );
    const answeredAt = performance.now();
    const doubtMs = (answeredAt - askedAt) / 2;
    const [row] = rows;
    if (row === undefined) throw new Error("PostgreSQL did not return the time");
    if (best === null || doubtMs < best.doubtMs) {
      const toDatabaseMs = row.ms - (askedAt + answeredAt) / 2;
      best = { toDatabaseMs, toWallMs: toWallMs(), doubtMs };
    }
    if (doubtMs * 2 < slowMs) break;
  }
  if (best === null) throw new Error("the clock was not read");
  return best;
}

async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

function tell(log: Log, offsetMs: number, isWrong: boolean): void {
  const offsetSeconds = Math.round(offsetMs / 1_000);
  const how = offsetMs > 0 ? "ahead of" : "behind";
  if (isWrong)
    log.error(
      { offsetSeconds },
      `this machine's clock is ${Math.abs(offsetSeconds)} s ${how} the database's: correct one of them. Stored data follows the database's`,
    );
  else log.info({ offsetSeconds }, "this machine's clock is correct again");
}

const notRead = () =>
  new AppError("unavailable", "The clock of the database has not been read yet");
