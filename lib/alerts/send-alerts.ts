import type { Pool } from "pg";
import { type AlertKind, alertKinds, incidentKinds } from "#lib/notifications/alert-kinds.ts";
import { nextTryDelayMs } from "#lib/outbox/next-try.ts";

export type ClaimedAlert = {
  id: string;
  targetId: string;
  kind: AlertKind;
  sealedUrl: string;
  sealedSecret: string | null;
  body: string;
  /** This try included. Names the claim: only its holder may record what came of it. */
  attempts: number;
  /** Since the alert was written. */
  ageMs: number;
};

/** Longer than chats take at their busiest: who has taken an alert and is not heard gets another copy at every retry. */
export const alertAnswerMs = 10_000;
/** An attempt takes 20 s at most (see Sender); a dead worker's alerts are due again after this. */
const leaseSeconds = 60;

/**
 * Claims up to `limit` due alerts, oldest first, and of kinds that keep incidents only the first of a
 * target; what ends a test keeps none of them waiting. Indexes: alerts (state, due_at), alerts (target_id, created_at, id) of those that wait. What another worker claims is skipped, and so is
 * what only a newer version can send.
 */
export async function claimAlerts(pool: Pool, limit: number): Promise<ClaimedAlert[]> {
  const { rows } = await pool.query<ClaimedAlert>({
    name: "claim-alerts",
    text: `with due as (
       select a.id from alerts a join alert_targets t on t.id = a.target_id and t.kind = any($2)
        where a.state in ('queued', 'sending') and a.due_at <= now()
          and (t.kind <> all($3) or not exists (
            select from alerts b where b.target_id = a.target_id and b.state in ('queued', 'sending')
               and (b.created_at, b.id) < (a.created_at, a.id) and b.resolves is distinct from 'test'))
        order by a.due_at limit $1 for update of a skip locked
     )
     update alerts a set state = 'sending', attempts = a.attempts + 1, due_at = now() + interval '${leaseSeconds} s'
       from due, alert_targets t
      where a.id = due.id and t.id = a.target_id
     returning a.id, t.id as "targetId", t.kind, t.sealed_url as "sealedUrl", t.sealed_secret as "sealedSecret", a.body,
               a.attempts, (extract(epoch from now() - a.created_at) * 1000)::float8 as "ageMs"`,
    values: [limit, alertKinds, incidentKinds],
  });
  return rows;
}

/** What came of one try; `error` null: it was taken. `answer`: the beginning of what came back. */
export type AlertAnswer = {
  statusCode: number | null;
  answer: string | null;
  error: string | null;
};

/** Of the refusals with 4xx those that another time may end: timeout, too early, too many requests. */
const passingStatuses: readonly number[] = [408, 425, 429];
const isRefusedForGood = (statusCode: number | null): boolean =>
  statusCode !== null &&
  statusCode >= 400 &&
  statusCode < 500 &&
  !passingStatuses.includes(statusCode);

/**
 * Records what came of a claimed alert. What was refused for good failed; what failed otherwise is tried again after 1, 5, 15,
 * 30, then every 60 minutes, up to 24 hours after it was written, then failed. The target keeps the last of both.
 */
export async function recordAlert(
  pool: Pool,
  alert: Pick<ClaimedAlert, "id" | "attempts" | "ageMs">,
  { statusCode, answer, error }: AlertAnswer,
): Promise<void> {
  const isOver = error === null || isRefusedForGood(statusCode);
  const delayMs = isOver ? null : nextTryDelayMs(alert.attempts, alert.ageMs);
  const state = error === null ? "sent" : delayMs === null ? "failed" : "queued";
  await pool.query({
    name: "record-alert",
    text: `with done as (
       update alerts set state = $3::alert_state, due_at = now() + $4 * interval '1 millisecond', last_error = $5,
              sent_at = case when $3 = 'sent' then now() end, tried_at = now(), status_code = $6, answer = $7
        where id = $1 and state = 'sending' and attempts = $2 returning target_id
     )
     update alert_targets t
        set last_sent_at = case when $3 = 'sent' then now() else t.last_sent_at end,
            last_failed_at = case when $3 = 'sent' then t.last_failed_at else now() end,
            last_error = $5
       from done where t.id = done.target_id`,
    values: [alert.id, alert.attempts, state, delayMs ?? 0, error, statusCode, answer],
  });
}
