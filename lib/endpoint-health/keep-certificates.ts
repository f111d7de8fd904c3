import type { Pool } from "pg";
import type { ShownCertificate } from "#lib/transport/schema.ts";
import { certificateSteps } from "./certificate-steps.ts";

/** A certificate as a delivery of a channel saw it. `url`: the Webhook URL. */
export type CertificateSight = { channelId: string; url: string } & ShownCertificate;

/** Certificates kept of one channel: more than load balancers have, so that a server that makes up new ones fills nothing. */
export const keptPerChannel = 10;

/**
 * Writes down which certificates bot servers showed, each channel and certificate at most once in `sights`. Sights of channels
 * that are gone are left out. Beyond the newest ten of a channel none is kept.
 */
export async function keepCertificates(
  pool: Pool,
  sights: readonly CertificateSight[],
): Promise<void> {
  if (sights.length === 0) return;
  await pool.query({
    name: "keep_certificates",
    text: `insert into bot_certificates as b (channel_id, fingerprint, url, host, not_before, not_after, first_seen_at,
                                             seen_at, next_tell_at)
           select s.channel_id, s.fingerprint, s.url, s.host, s.not_before, s.not_after, now(), now(),
                  (select min(s.not_after - make_interval(hours => 24 * days)) from unnest(array[${certificateSteps.join(", ")}]) days
                    where make_interval(hours => 72 * days) <= s.not_after - s.not_before)
             from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[])
                    as s (channel_id, fingerprint, url, host, not_before, not_after)
             join channels c on c.id = s.channel_id
            order by s.channel_id, s.fingerprint
           on conflict (channel_id, fingerprint) do update
              set seen_at = excluded.seen_at, url = excluded.url, host = excluded.host,
                  first_seen_at = case when b.url = excluded.url then b.first_seen_at else excluded.first_seen_at end`,
    values: [
      sights.map(({ channelId }) => channelId),
      sights.map(({ fingerprint }) => fingerprint),
      sights.map(({ url }) => url),
      sights.map(({ url }) => new URL(url).hostname),
      sights.map(({ notBefore }) => notBefore),
      sights.map(({ notAfter }) => notAfter),
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
