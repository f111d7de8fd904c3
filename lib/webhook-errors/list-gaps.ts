import type { Db } from "#lib/db.ts";
import type { CountingGap, ErrorBucket } from "./schema.ts";

const minuteMs = 60_000;

/**
 * The stretches of `[from, to)` in which nothing was counted, oldest first, because Error statistics aggregation was off
 * or the channel did not exist yet. Shorter than a minute is no stretch.
 */
export async function listCountingGaps(
  db: Db,
  { channelId, from, to }: { channelId: string; from: Date; to: Date },
): Promise<CountingGap[]> {
  const periods = await db.countingPeriod.findMany({
    select: { startedAt: true, endedAt: true },
    where: {
      channelId,
      startedAt: { lt: to },
      OR: [{ endedAt: null }, { endedAt: { gt: from } }],
    },
    orderBy: { startedAt: "asc" },
    take: 1_000,
  });
  const gaps: CountingGap[] = [];
  let counted = from;
  for (const { startedAt, endedAt } of periods) {
    if (startedAt > counted) gaps.push({ from: counted, to: startedAt });
    if (endedAt === null) return gaps.filter(isStretch);
    if (endedAt > counted) counted = endedAt;
  }
  if (counted < to) gaps.push({ from: counted, to });
  return gaps.filter(isStretch);
}

const isStretch = (gap: CountingGap): boolean => gap.to.getTime() - gap.from.getTime() >= minuteMs;

/** Buckets that lie wholly in a gap have no delivered count: zero would be mistaken for silence. */
export function breakAtGaps(
  buckets: readonly ErrorBucket[],
  gaps: readonly CountingGap[],
): ErrorBucket[] {
  return buckets.map((bucket) =>
    gaps.some((gap) => gap.from <= bucket.from && bucket.to <= gap.to)
      ? { ...bucket, deliveredCount: null }
      : bucket,
  );
}
