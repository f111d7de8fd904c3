import type { Pool } from "pg";
import { deleteAll } from "./delete-all.ts";

/**
 * Lets go what has ended and nothing else bounds: windows of tries, expired links and forms of yesterday; certificates that
 * nobody saw for 90 days; after `rowDays` counting periods, problems and what was set on them, since nothing is shown of that
 * time any more; after `auditDays`, in which the audit log still
 * tells of them, invitations, revoked keys and decided applications. docs/tables.md lists every table with what bounds it.
 * Indexes: rate_limits (ends_at), account_tokens (expires_at), submissions (at), bot_certificates (seen_at); the others are small.
 */
export async function forgetEnded(
  pool: Pool,
  { rowDays, auditDays }: { rowDays: number; auditDays: number },
): Promise<void> {
  await deleteAll(pool, "rate_limits", "ends_at < now() - interval '1 hour'");
  await deleteAll(pool, "account_tokens", "expires_at < now() - interval '1 day'");
  await deleteAll(pool, "email_changes", "expires_at < now() - interval '1 day'");
  await deleteAll(pool, "submissions", "at < now() - interval '1 day'");
  await deleteAll(pool, "channel_tokens", "ends_at < now() - interval '1 day'");
  await deleteAll(pool, "bot_certificates", "seen_at < now() - interval '90 days'");
  await deleteAll(pool, "counting_periods", `ended_at < ${daysAgo}`, rowDays);
  await endMutes(pool, rowDays);
  await deleteAll(pool, "problems", `last_at < ${daysAgo}`, rowDays);
  await deleteAll(
    pool,
    "problem_marks",
    `coalesce(greatest(muted_at, muted_until, taken_at), '-infinity') < ${daysAgo} and not exists (
       select from problems p
        where (p.channel_id, p.reason, p.detail) = (problem_marks.channel_id, problem_marks.reason, problem_marks.detail))`,
    rowDays,
  );
  await deleteAll(
    pool,
    "invitations",
    `least(accepted_at, cancelled_at, expires_at) < ${daysAgo}`,
    auditDays,
  );
  await deleteAll(pool, "platform_keys", `revoked_at < ${daysAgo}`, auditDays);
  await deleteAll(
    pool,
    "notification_grants",
    `decided_at < ${daysAgo} and holds_channel is null`,
    auditDays,
  );
}

/**
 * Writes into mutes "until it changes" when they ended, before the problem whose beginning ended them is let go: without it they would
 * be in force again. Only a mute older than what is let go can have ended by it. Index: the primary key of problems.
 */
async function endMutes(pool: Pool, rowDays: number): Promise<void> {
  await pool.query(
    `update problem_marks m set muted_until = ended.at
       from (select one.channel_id, one.reason, one.detail, min(other.began_at) as at
               from problem_marks one join problems other on other.channel_id = one.channel_id and other.began_at > one.muted_at
              where one.muted_until is null and one.muted_at < ${daysAgo}
              group by 1, 2, 3) ended
      where (m.channel_id, m.reason, m.detail) = (ended.channel_id, ended.reason, ended.detail)
        and m.muted_until is null and m.muted_at < ended.at`,
    [rowDays],
  );
}

const daysAgo = "now() - make_interval(days => $1)";
