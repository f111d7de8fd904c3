import type { Pool, PoolClient } from "pg";
import { deleteAll } from "#lib/retention/delete-all.ts";

/**
 * Parts of a statement that records outcomes: note when their attempts began, where the channel's threshold is a share.
 * `source` names a part with channel_id and started_at. Part of the same statement, so an outcome and its attempt are
 * counted both or neither; only adds rows, so it waits for no lock.
 */
export const noteStartsSql = (source: string): string => `
  insert into attempt_starts (channel_id, first_at, last_at, starts)
  select s.channel_id, min(s.started_at), max(s.started_at), array_agg(s.started_at)
    from ${source} s join notification_thresholds t on t.channel_id = s.channel_id and t.kind = 'share'
   group by s.channel_id`;

export type Stretch = { id: string; channelId: string; from: Date; to: Date };

/**
 * How many attempts whose outcome is recorded began in each stretch, `to` excluded, by id; exact to the millisecond where
 * the channel's threshold has been a share all the time. Index: attempt_starts (channel_id, last_at).
 */
export async function countAttempts(
  client: Pick<Pool | PoolClient, "query">,
  stretches: readonly Stretch[],
): Promise<Map<string, number>> {
  if (stretches.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; count: number }>(
    `select w.id, count(*)::int as count
       from unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[]) as w (id, channel_id, from_at, to_at)
       join attempt_starts s on s.channel_id = w.channel_id and s.last_at >= w.from_at and s.first_at < w.to_at
      cross join unnest(s.starts) as at
      where at >= w.from_at and at < w.to_at
      group by w.id`,
    [
      stretches.map(({ id }) => id),
      stretches.map(({ channelId }) => channelId),
      stretches.map(({ from }) => from),
      stretches.map(({ to }) => to),
    ],
  );
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/**
 * Lets go what no window can ask for any more: an hour old, and older than every window that is not settled. Index:
 * attempt_starts (last_at); open windows are one per kind of error that goes on.
 */
export async function forgetStarts(pool: Pool): Promise<void> {
  await deleteAll(
    pool,
    "attempt_starts",
    `last_at < least(
       now() - interval '1 hour',
       (select min(opened_at) from notification_windows where type = 'error_detected'),
       (select min(detected_at) from notifications where settled_at is null and type = 'error_detected'))`,
  );
}
