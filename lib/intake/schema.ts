/** From where on nothing more is taken in. */
export type IntakeLimits = {
  /** Webhooks that wait or are being sent. */
  queueMax: number;
  /** How long the channel that has waited longest for a worker may have waited. */
  ageMaxMs: number;
};

/**
 * Why nothing is taken in: too many webhooks wait, workers do not come round, the database's disk is full, it waits for locks
 * or is too slow, or it cannot be reached.
 */
export const intakeTroubles = [
  "queue_long",
  "queue_old",
  "disk_full",
  "database_busy",
  "database_away",
] as const;
export type IntakeTrouble = (typeof intakeTroubles)[number];

export type QueueFigures = { webhookCount: number; oldestDueSeconds: number };

/** What is full is opened again when so much of the limit is free, so that it does not go on and off at each webhook. */
const reopenBelow = 0.9;

/** Whether the queue is beyond a limit. `was`: what it was found to be before. */
export function judgeQueue(
  { webhookCount, oldestDueSeconds }: QueueFigures,
  { queueMax, ageMaxMs }: IntakeLimits,
  was: IntakeTrouble | null,
): "queue_long" | "queue_old" | null {
  const part = (limit: number, kind: IntakeTrouble) => limit * (was === kind ? reopenBelow : 1);
  if (webhookCount >= part(queueMax, "queue_long")) return "queue_long";
  if (oldestDueSeconds * 1_000 >= part(ageMaxMs, "queue_old")) return "queue_old";
  return null;
}
