import type { Pool } from "pg";
import { inTransaction } from "#lib/db.ts";

/** More than one page of the table has free, and no text that compresses. */
const blocks = 4_000;

/**
 * Writes what an intake writes, of a channel that there is not, and takes it back: whether there is room for a webhook, and the
 * tables can be written. To be asked while an intake has failed; each time leaves some dead rows.
 * @throws whatever keeps it from being written.
 */
export async function tryStoring(pool: Pool): Promise<void> {
  const undone = new Error("taken back");
  await inTransaction(pool, async (client) => {
    await client.query(
      `with body as (
         select string_agg(md5(random()::text), '') as text from generate_series(1, ${blocks})
       ),
       queued as (
         insert into webhook_queue (id, channel_id, lane, due_at, event_count, body)
         select gen_random_uuid(), '', 0, now() + interval '1 hour', 1, text from body
       )
       insert into ready_channels (lane, channel_id, due_at)
       select 0, 'try ' || gen_random_uuid(), now() + interval '1 hour'`,
    );
    throw undone;
  }).catch((error: unknown) => {
    if (error !== undone) throw error;
  });
}
