import type { Db } from "#lib/db.ts";
import type { CancellationProgress } from "./schema.ts";

/** How far the ending of what waited for a channel has come; null when nothing is left. Index: the primary key. */
export async function findCancellation(
  db: Db,
  channelId: string,
): Promise<CancellationProgress | null> {
  const row = await db.cancellation.findUnique({
    where: { channelId },
    select: { endedCount: true, expectedCount: true },
  });
  if (row === null || row.expectedCount === null || row.expectedCount <= row.endedCount)
    return null;
  return { endedCount: row.endedCount, expectedCount: row.expectedCount };
}
