import type { Pool } from "pg";
import { deleteAll } from "#lib/retention/delete-all.ts";

const batchRows = 1_000;

/**
 * Lets go what is older than the retention, a thousand rows at a time, so that nobody waits long: mails that are no longer
 * on their way, alerts, settled notifications with their notices, orders that were written, what is known of outages that
 * were over by then (with what they still held: of so long ago nobody is told), and after 30 days refusals of addresses. Indexes: mails and alerts
 * (created_at), notifications (settled_at, closed_at), mail_orders (written_at, created_at).
 */
export async function forgetOldMails(pool: Pool, retentionDays: number): Promise<void> {
  await deleteAll(pool, "address_refusals", "refused_at < now() - interval '30 days'");
  for (const sql of deletions) {
    for (let more = true; more; ) {
      const { rowCount } = await pool.query(sql, [retentionDays, batchRows]);
      more = rowCount === batchRows;
    }
  }
}

const deletions = [
  `delete from mails where id in (
     select id from mails where created_at < now() - make_interval(days => $1) and state not in ('queued', 'sending')
      order by created_at limit $2)`,
  `delete from alerts where id in (
     select id from alerts where created_at < now() - make_interval(days => $1) and state not in ('queued', 'sending')
      order by created_at limit $2)`,
  `delete from notifications where id in (
     select id from notifications where settled_at < now() - make_interval(days => $1) order by settled_at limit $2)`,
  `delete from mail_orders where id in (
     select id from mail_orders where written_at < now() - make_interval(days => $1) order by written_at limit $2)`,
  // As many rows as there are channels that ever failed: found by reading them, once a day.
  `delete from tellings where (channel_id, type, key) in (
     select t.channel_id, t.type, t.key from tellings t left join outages o on o.channel_id = t.channel_id
      where o.channel_id is null or o.last_at < now() - make_interval(days => $1) limit $2)`,
  `delete from outages where channel_id in (
     select channel_id from outages where last_at < now() - make_interval(days => $1) limit $2)`,
];
