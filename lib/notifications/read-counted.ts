import type { Pool, PoolClient } from "pg";

type Stretch = { id: string; channelId: string; detectedAt: Date; closedAt: Date };

/**
 * Which of these notifications have errors that were counted, by id: Error statistics aggregation was on at some time of their
 * stretch. Index: counting_periods (channel_id, started_at).
 */
export async function readCounted(
  client: Pick<Pool | PoolClient, "query">,
  all: readonly Stretch[],
): Promise<Set<string>> {
  if (all.length === 0) return new Set();
  const { rows } = await client.query<{ id: string }>(
    `select n.id::text as id
       from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[]) as n (id, channel_id, detected_at, closed_at)
      where exists (select from counting_periods p
                     where p.channel_id = n.channel_id and p.started_at < n.closed_at
                       and (p.ended_at is null or p.ended_at > n.detected_at))`,
    [
      all.map(({ id }) => id),
      all.map(({ channelId }) => channelId),
      all.map(({ detectedAt }) => detectedAt),
      all.map(({ closedAt }) => closedAt),
    ],
  );
  return new Set(rows.map(({ id }) => id));
}
