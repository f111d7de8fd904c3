import { expect } from "vitest";
import { AppError } from "#lib/app-error.ts";
import type { Database } from "#lib/db.ts";
import { acceptWebhooks } from "#lib/queue/accept.ts";

/** Ends a wait for what never comes; how long anything takes is no question of a test. */
const patienceMs = 120_000;

/** Waits until `condition` holds, asking the database or the world again and again; fails with `what`. */
export async function eventually(
  what: string,
  condition: () => Promise<boolean> | boolean,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${patienceMs / 1_000} s: ${what}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

/** Takes in webhooks of one event each, as the API does; their ids in order. */
export async function acceptEvents(
  database: Database,
  channelId: string,
  count = 1,
): Promise<string[]> {
  const request = { channelId, events: ['{"type":"follow"}'], idempotencyKey: null };
  const accepted = await acceptWebhooks(
    database.pool,
    Array.from({ length: count }, () => request),
  );
  return accepted.map((one) => {
    if (one instanceof AppError) throw one;
    return one.webhookId;
  });
}

/** Ends every lease now, as time would 20 s after a worker's death. */
export async function endLeases(database: Database): Promise<void> {
  await database.pool.query(
    `update webhook_queue set lease_until = now() - interval '1 ms' where lease is not null`,
  );
  await database.pool.query(`update ready_channels set due_at = least(due_at, now())`);
}

export type Counted = {
  log: { state: string; attempts: number }[];
  /** Stored errors. */
  errors: number;
  delivered: number;
};

/** What the product says of a channel, after checking that each figure is told alike everywhere it is kept. */
export async function countedOf(database: Database, channelId: string): Promise<Counted> {
  const { db } = database;
  const where = { channelId };
  const [log, errors, attempts, rows, hours, minutes, deliveredHours] = await Promise.all([
    db.webhook.findMany({ where, select: { state: true, attempts: true }, orderBy: { id: "asc" } }),
    db.webhookError.count({ where }),
    db.webhookAttempt.count({ where }),
    db.errorRow.aggregate({ where, _sum: { errorCount: true } }),
    db.errorHour.aggregate({ where, _sum: { errorCount: true } }),
    db.deliveredMinute.aggregate({ where, _sum: { deliveredCount: true } }),
    db.deliveredHour.aggregate({ where, _sum: { deliveredCount: true } }),
  ]);
  const delivered = log.filter((one) => one.state === "delivered").length;
  expect({
    attempts,
    rows: rows._sum.errorCount ?? 0,
    hours: hours._sum.errorCount ?? 0,
    minutes: minutes._sum.deliveredCount ?? 0,
    deliveredHours: deliveredHours._sum.deliveredCount ?? 0,
  }).toEqual({
    attempts: errors,
    rows: errors,
    hours: errors,
    minutes: delivered,
    deliveredHours: delivered,
  });
  return { log, errors, delivered };
}
