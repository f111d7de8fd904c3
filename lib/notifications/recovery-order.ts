import { settleWaitMaxSql } from "./settle-wait.ts";

/** Windows of the outage that the recovery `one` ended, as far as nobody decided of them yet; `at`: closed then or later. */
const earlierSql = (one: string, at: string): string => `
  from notifications w
 where w.channel_id = ${one}.channel_id and w.closed_at >= ${at} and w.settled_at is null
   and w.type in ('error_detected', 'redelivery_stopped') and w.detected_at < ${one}.closed_at`;

/**
 * SQL: whether `one`, a notification, must wait at the time `at`: a recovery does until every window that was opened before
 * it is closed and its failures are counted. Indexes: the primary key of notification_windows, notifications (channel_id, closed_at) of those not settled.
 */
export const mustWaitSql = (one: string, at: string): string => `
  ${one}.type = 'recovered' and (
    exists (select from notification_windows w
             where w.channel_id = ${one}.channel_id and w.opened_at < ${one}.closed_at)
    or exists (select ${earlierSql(one, `${at} - ${settleWaitMaxSql}`)}))`;

/**
 * SQL: what notifications are settled in the order of: the end of their window, and of a recovery that of the last window
 * opened before it. Otherwise what resolves an incident would be followed by the alert that begins it anew.
 */
export const settlingOrderSql = (one: string): string => `
  case when ${one}.type = 'recovered'
       then greatest(${one}.closed_at, (select max(w.closed_at) ${earlierSql(one, `${one}.closed_at`)}))
       else ${one}.closed_at end, ${one}.type = 'recovered'`;
