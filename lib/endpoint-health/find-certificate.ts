import type { Pool } from "pg";
import type { KnownCertificate } from "./schema.ts";

/**
 * SQL: `one`, a row of bot_certificates, is in use. It was seen at the URL of the channel `channel` since the newest one
 * there was first seen; several are where servers behind one name differ. A renewed one is not in use any more.
 */
export const certificateInUseSql = (one: string, channel: string): string => `
  ${one}.url = ${channel}.webhook_url and ${one}.seen_at >= (
    select max(newest.first_seen_at) from bot_certificates newest
     where newest.channel_id = ${one}.channel_id and newest.url = ${channel}.webhook_url)`;

/**
 * The certificate of a channel's bot server, of several in use the one that ends first; null before one was seen at its
 * Webhook URL. Index: the primary key of bot_certificates.
 */
export async function findCertificate(
  pool: Pool,
  channelId: string,
): Promise<KnownCertificate | null> {
  const { rows } = await pool.query<KnownCertificate>(
    `select b.host, b.not_after as "endsAt", b.seen_at as "seenAt",
            floor(extract(epoch from b.not_after - now()) / 86400)::int as "daysLeft",
            b.not_after - now() < least(interval '14 days', (b.not_after - b.not_before) / 3) as "endsSoon"
       from bot_certificates b join channels c on c.id = b.channel_id
      where b.channel_id = $1 and ${certificateInUseSql("b", "c")}
      order by b.not_after limit 1`,
    [channelId],
  );
  return rows[0] ?? null;
}
