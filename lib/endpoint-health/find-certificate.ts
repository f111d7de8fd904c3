import type { Pool } from "pg";
import type { KnownCertificate } from "./schema.ts";

/** A certificate that is still seen is written down again after this, in milliseconds. */
export const sightsAgainMs = 3_600_000;
/** Beyond that: an attempt that is under way, and its writing. */
const sightsLateMs = 300_000;

/**
 * SQL: `one`, a row of bot_certificates, is in use. It was seen at the URL of the channel `channel` since the newest one
 * there was first seen; several are where servers behind one name differ. A renewed one is not in use any more.
 */
export const certificateInUseSql = (one: string, channel: string): string => `
  ${one}.url = ${channel}.webhook_url and ${one}.seen_at >= (
    select max(newest.first_seen_at) from bot_certificates newest
     where newest.channel_id = ${one}.channel_id and newest.url = ${channel}.webhook_url)`;

/**
 * SQL: whether `one` is in use was true or false at `at` for good: it is in use, or the newest one is so old that another
 * sight of `one` would have been written down since, by whichever worker. A server behind the name that still shows it is
 * not forgotten for that hour.
 */
export const certificateUseIsSureSql = (one: string, channel: string, at: string): string => `
  ((${certificateInUseSql(one, channel)}) is true or not exists (
    select from bot_certificates newest
     where newest.channel_id = ${one}.channel_id and newest.url = ${channel}.webhook_url
       and newest.first_seen_at > ${at} - interval '${sightsAgainMs + sightsLateMs} ms'))`;

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
