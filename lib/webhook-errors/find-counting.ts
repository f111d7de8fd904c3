import type { Db } from "#lib/db.ts";

/** Whether a channel's errors are counted: `off` since then, what was counted before is kept; `never` so far. */
export type Counting = { state: "on" } | { state: "off"; since: Date } | { state: "never" };

/** By the newest counting period. Index: counting_periods (channel_id, started_at). */
export async function findCounting(db: Db, channelId: string): Promise<Counting> {
  const newest = await db.countingPeriod.findFirst({
    where: { channelId },
    orderBy: { startedAt: "desc" },
    select: { endedAt: true },
  });
  if (newest === null) return { state: "never" };
  return newest.endedAt === null ? { state: "on" } : { state: "off", since: newest.endedAt };
}
