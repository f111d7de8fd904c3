import type { Pool } from "pg";
import type { AlertKind } from "#lib/notifications/alert-kinds.ts";
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

/** An attempt takes 9 s at most; a dead worker's alerts are due again after this. */
const leaseSeconds = 60;

/** Claims up to `limit` due alerts, oldest first. Index: alerts (state, due_at). What another worker claims is skipped. */
export async function claimAlerts(pool: Pool, limit: number): Promise<ClaimedAlert[]> {
  const { rows } = await pool.query<ClaimedAlert>({
    name: "claim-alerts",
    text: `with due as (
       select id from alerts where state in ('queued', 'sending') and due_at <= now()
        order by due_at limit $1 for update skip locked
     )
     update alerts a set state = 'sending', attempts = a.attempts + 1, due_at = now() + interval '${leaseSeconds} s'
       from due, alert_targets t
      where a.id = due.id and t.id = a.target_id
     returning a.id, t.id as "targetId", t.kind, t.sealed_url as "sealedUrl", t.sealed_secret as "sealedSecret", a.body,
               a.attempts, (extract(epoch from now() - a.created_at) * 1000)::float8 as "ageMs"`,
    values: [limit],
  });
  return rows;
}

/**
 * Records what came of a claimed alert; `error` null: it was taken. What failed is tried again after 1, 5, 15, 30, then
 * every 60 minutes, up to 24 hours after it was written, then failed. The target keeps the last of both.
 */
export async function recordAlert(
  pool: Pool,
  alert: Pick<ClaimedAlert, "id" | "attempts" | "ageMs">,
  error: string | null,
): Promise<void> {
  const delayMs = error === null ? null : nextTryDelayMs(alert.attempts, alert.ageMs);
  const state = error === null ? "sent" : delayMs === null ? "failed" : "queued";
  await pool.query({
    name: "record-alert",
    text: `with done as (
       update alerts set state = $3::alert_state, due_at = now() + $4 * interval '1 millisecond', last_error = $5,
              sent_at = case when $3 = 'sent' then now() end
        where id = $1 and state = 'sending' and attempts = $2 returning target_id
     )
     update alert_targets t
        set last_sent_at = case when $3 = 'sent' then now() else t.last_sent_at end,
            last_failed_at = case when $3 = 'sent' then t.last_failed_at else now() end,
            last_error = $5
       from done where t.id = done.target_id`,
    values: [alert.id, alert.attempts, state, delayMs ?? 0, error],
  });
}
