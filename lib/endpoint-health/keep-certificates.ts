import type { Pool } from "pg";
import type { ShownCertificate } from "#lib/transport/schema.ts";
import { certificateSteps } from "./certificate-steps.ts";

/** A certificate as a delivery of a channel saw it. `url`: the Webhook URL. */
export type CertificateSight = { channelId: string; url: string } & ShownCertificate;

/** How long ago it was seen first and last, in milliseconds: the database's clock makes times of it. */
export type SeenCertificate = CertificateSight & { firstAgoMs: number; agoMs: number };

/** Certificates kept of one channel: more than load balancers have, so that a server that makes up new ones fills nothing. */
export const keptPerChannel = 10;

/**
 * Writes down which certificates bot servers showed, each channel and certificate at most once in `sights`. Of several in one call
 * their order is kept, since whether one was seen again after another tells if it is still in use. Sights of channels that are gone
 * are left out. Beyond the newest ten of a channel none is kept.
 */
export async function keepCertificates(
  pool: Pool,
  sights: readonly SeenCertificate[],
): Promise<void> {
  if (sights.length === 0) return;
  await pool.query({
    name: "keep_certificates",
    text: `insert into bot_certificates as b (channel_id, fingerprint, url, host, not_before, not_after, first_seen_at,
                                             seen_at, next_tell_at)
           select s.channel_id, s.fingerprint, s.url, s.host, s.not_before, s.not_after,
                  now() - make_interval(secs => s.first_ago_ms / 1000), now() - make_interval(secs => s.ago_ms / 1000),
                  (select min(s.not_after - make_interval(hours => 24 * days)) from unnest(array[${certificateSteps.join(", ")}]) days
                    where make_interval(hours => 72 * days) <= s.not_after - s.not_before)
             from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[],
                         $7::float8[], $8::float8[])
                    as s (channel_id, fingerprint, url, host, not_before, not_after, first_ago_ms, ago_ms)
             join channels c on c.id = s.channel_id
            order by s.channel_id, s.fingerprint
           on conflict (channel_id, fingerprint) do update
              set seen_at = excluded.seen_at, url = excluded.url, host = excluded.host,
                  first_seen_at = case when b.url = excluded.url then least(b.first_seen_at, excluded.first_seen_at)
                                       else excluded.first_seen_at end
            where excluded.seen_at >= b.seen_at`,
    values: [
      sights.map(({ channelId }) => channelId),
      sights.map(({ fingerprint }) => fingerprint),
      sights.map(({ url }) => url),
      sights.map(({ url }) => new URL(url).hostname),
      sights.map(({ notBefore }) => notBefore),
      sights.map(({ notAfter }) => notAfter),
      sights.map(({ firstAgoMs }) => firstAgoMs),
      sights.map(({ agoMs }) => agoMs),
    ],
  });
  await pool.query({
    name: "drop_certificates",
    text: `delete from bot_certificates where (channel_id, fingerprint) in (
             select channel_id, fingerprint
               from (select channel_id, fingerprint,
                            row_number() over (partition by channel_id order by seen_at desc, fingerprint) as place
                       from bot_certificates where channel_id = any($1)) ranked
              where place > $2)`,
    values: [[...new Set(sights.map(({ channelId }) => channelId))], keptPerChannel],
  });
}
