import type { Pool } from "pg";
import { listKeptDays } from "#lib/retention/kept-days.ts";
import { type CountDifference, checkErrorCounts } from "./check-counts.ts";
import { rebuildErrorCounts } from "./rebuild-counts.ts";

export type DayReport = { day: Date } & (
  | { state: "agrees" }
  | { state: "differs" | "fixed"; differences: CountDifference[] }
  /** Its stored errors are no longer there: its counts are the only truth left, and stay as they are. */
  | { state: "skipped" }
);

export type RebuildOptions = {
  /** UTC days, both included. */
  from: Date;
  to: Date;
  channelId?: string | undefined;
  /** False: says what it would change. */
  apply: boolean;
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Checks the counted rows of each day against the stored errors, and mends those that differ. Only a day that differs is
 * locked, an hour of it at a time, for as long as its mending takes; recording waits meanwhile.
 */
export async function* rebuildDays(pool: Pool, options: RebuildOptions): AsyncGenerator<DayReport> {
  const kept = new Set((await listKeptDays(pool)).map((day) => day.getTime()));
  const { channelId, apply } = options;
  for (let at = options.from.getTime(); at <= options.to.getTime(); at += dayMs) {
    const day = new Date(at);
    if (!kept.has(at)) {
      yield { day, state: "skipped" };
      continue;
    }
    const stretch = { from: day, to: new Date(at + dayMs), channelId };
    const differences = await checkErrorCounts(pool, stretch);
    if (differences.length === 0) yield { day, state: "agrees" };
    else if (!apply) yield { day, state: "differs", differences };
    else {
      for (const { channelId: one } of differences) await mendDay(pool, day, one);
      yield { day, state: "fixed", differences };
    }
  }
}

/** Each hour in a transaction of its own: a day of a busy channel would keep recording waiting for long. */
async function mendDay(pool: Pool, day: Date, channelId: string): Promise<void> {
  for (let at = day.getTime(); at < day.getTime() + dayMs; at += hourMs) {
    await rebuildErrorCounts(pool, { from: new Date(at), to: new Date(at + hourMs), channelId });
  }
}
