import type { Pool } from "pg";

/**
 * Finds what is stale though no cancellation ends it any more: queued by an intake or a record step that began before a
 * channel was switched off or deleted, and took more than a minute to commit. Opens a cancellation for each such channel.
 * Steps from channel to channel in the queue's index, so the cost follows the channels that have something, not the queue.
 * Index: webhook_queue (channel_id, lane, epoch, due_at).
 */
export async function reopenCancellations(pool: Pool): Promise<void> {
  await pool.query(`
    with recursive places as (
      (select channel_id, lane, epoch from webhook_queue order by channel_id, lane, epoch limit 1)
      union all
      select next.* from places p cross join lateral (
        select q.channel_id, q.lane, q.epoch from webhook_queue q
         where (q.channel_id, q.lane, q.epoch) > (p.channel_id, p.lane, p.epoch)
         order by q.channel_id, q.lane, q.epoch limit 1) next
    )
    insert into cancellations (channel_id)
    select distinct p.channel_id
      from (select * from places union all select distinct channel_id, lane, epoch from set_aside_webhooks) p
      left join channels c on c.id = p.channel_id
     where c.id is null or p.epoch < case when p.lane = 0 then c.first_epoch else c.redelivery_epoch end
     order by 1
    on conflict (channel_id) do nothing`);
}
