import type { Pool } from "pg";
import { certificateStepsSql } from "#lib/endpoint-health/certificate-steps.ts";
import {
  certificateInUseSql,
  certificateUseIsSureSql,
} from "#lib/endpoint-health/find-certificate.ts";
import { certificateDetailSql } from "./certificate-detail.ts";

/**
 * Leaves a notification for every certificate in use that has come to its next step (14, 7, 1 days before its end): one per
 * step and certificate, as the step moves on in the same statement, under a lock on its row. One that is not in use passes
 * its step in silence, once that is sure. Index: bot_certificates (next_tell_at).
 */
export async function noteEndingCertificates(pool: Pool, now?: Date): Promise<void> {
  await pool.query(
    `with due as (
       select channel_id, fingerprint, s.due, s.next
         from bot_certificates b join channels c on c.id = b.channel_id
        cross join ${certificateStepsSql("b", "coalesce($1::timestamptz, now())")} s
        where next_tell_at <= coalesce($1::timestamptz, now())
          and ${certificateUseIsSureSql("b", "c", "coalesce($1::timestamptz, now())")} order by next_tell_at limit 500 for update of b skip locked
     ), moved as (
       update bot_certificates b set next_tell_at = due.next,
              told_at = case when due.due is null then b.told_at else coalesce($1::timestamptz, now()) end
         from due where b.channel_id = due.channel_id and b.fingerprint = due.fingerprint
       returning b.channel_id, b.url, b.host, b.not_after, b.seen_at, due.due
     )
     insert into notifications (id, channel_id, type, key, detected_at, closed_at, reason, detail, error_count)
     select gen_random_uuid(), m.channel_id, 'certificate_ends', m.due::text, coalesce($1::timestamptz, now()),
            coalesce($1::timestamptz, now()), 'could_not_connect', ${certificateDetailSql("m.host", "m.not_after")}, 0
       from moved m join channels c on c.id = m.channel_id and c.use_webhook
      where m.due is not null and m.not_after > coalesce($1::timestamptz, now()) and ${certificateInUseSql("m", "c")}`,
    [now ?? null],
  );
}
