import type { PoolClient } from "pg";

/** Keys forgotten in one step. */
const keysMax = 5_000;

/**
 * Of a channel that is gone, forgets one day of its counts and some idempotency keys; of one that is there, nothing. True:
 * there may be more. A channel counts at most a row for each minute and kind of error, so a day of it is little.
 * Indexes: the primary keys, and error_rows and delivered_minutes by partition.
 */
export async function forgetCounts(client: PoolClient, channelId: string): Promise<boolean> {
  const { rows } = await client.query<{ start: Date | null }>(
    `select least((select min(minute) from error_rows where channel_id = $1),
                  (select min(hour) from error_hours where channel_id = $1),
                  (select min(minute) from delivered_minutes where channel_id = $1),
                  (select min(minute) from answered_error_minutes where channel_id = $1),
                  (select min(hour) from answered_error_hours where channel_id = $1),
                  (select min(hour) from delivered_hours where channel_id = $1)) as start
      where not exists (select from channels where id = $1)`,
    [channelId],
  );
  const [found] = rows;
  if (found === undefined) return false;
  await client.query("delete from problems where channel_id = $1", [channelId]);
  const forgotten = await client.query(
    `delete from idempotency_keys
      where ctid = any(array(select ctid from idempotency_keys where channel_id = $1 limit ${keysMax}))`,
    [channelId],
  );
  if (found.start !== null) await forgetDay(client, channelId, found.start);
  return found.start !== null || forgotten.rowCount === keysMax;
}

async function forgetDay(client: PoolClient, channelId: string, start: Date): Promise<void> {
  const end = new Date(start.getTime() + 86_400_000);
  await client.query(
    `with rows as (delete from error_rows where channel_id = $1 and minute >= $2 and minute < $3),
          hours as (delete from error_hours where channel_id = $1 and hour >= $2 and hour < $3),
          answers as (delete from answered_error_minutes where channel_id = $1 and minute >= $2 and minute < $3),
          answer_hours as (delete from answered_error_hours where channel_id = $1 and hour >= $2 and hour < $3),
          minutes as (delete from delivered_minutes where channel_id = $1 and minute >= $2 and minute < $3)
     delete from delivered_hours where channel_id = $1 and hour >= $2 and hour < $3`,
    [channelId, start, end],
  );
}
