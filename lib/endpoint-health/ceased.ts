import type { Pool, PoolClient } from "pg";

/** A stretch of time in which attempts failed and none was delivered. */
export type Cease = {
  since: Date /** Null: it goes on. */;
  until: Date | null;
  failedCount: number;
};

/** Fewer failed attempts in a row happen to every bot server. */
export const ceaseFailuresMin = 3;

type Row = {
  channelId: string;
  since: Date | null;
  failedCount: number;
  recoveredSince: Date | null;
  recoveredAt: Date | null;
  recoveredCount: number | null;
};

/**
 * When deliveries of these channels ceased: the stretch that goes on, and the last one of some minutes that is over.
 * Channels of which everything was delivered are absent. Index: the primary key of endpoint_health.
 */
export async function readCeases(
  client: Pick<Pool | PoolClient, "query">,
  channelIds: readonly string[],
): Promise<Map<string, Cease[]>> {
  const { rows } = await client.query<Row>(
    `select channel_id as "channelId", failing_since as since, failed_count as "failedCount",
            recovered_since as "recoveredSince", recovered_at as "recoveredAt", recovered_count as "recoveredCount"
       from endpoint_health where channel_id = any($1)`,
    [channelIds],
  );
  return new Map(rows.map((row) => [row.channelId, ceasesOf(row)]));
}

function ceasesOf({
  since,
  failedCount,
  recoveredSince,
  recoveredAt,
  recoveredCount,
}: Row): Cease[] {
  const past =
    recoveredSince === null || recoveredAt === null
      ? []
      : [{ since: recoveredSince, until: recoveredAt, failedCount: recoveredCount ?? 0 }];
  return since === null ? past : [{ since, until: null, failedCount }, ...past];
}

/**
 * Since when nothing was delivered, where that is what a window of failures shows: at its end nothing had been delivered
 * for half of its length or longer, at least three attempts had failed, and some of its failures are among them. Else null.
 * A window that was closed early shows what it was closed for, whatever its length: it is opened again where a delivery says
 * otherwise (lib/notifications/reopen-early.ts).
 */
export function ceasedSince(
  window: { detectedAt: Date; closedAt: Date; lastAt: Date | null; earlySince?: Date | null },
  ceases: readonly Cease[],
  windowMs: number,
): Date | null {
  const { closedAt, lastAt, earlySince } = window;
  if (earlySince) return earlySince;
  const shows = ({ since, until, failedCount }: Cease): boolean =>
    failedCount >= ceaseFailuresMin &&
    since.getTime() <= closedAt.getTime() - windowMs / 2 &&
    since <= (lastAt ?? closedAt) &&
    (until === null || until >= closedAt);
  return ceases.find(shows)?.since ?? null;
}
