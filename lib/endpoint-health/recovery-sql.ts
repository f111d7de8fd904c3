import { notedOutageMs } from "./schema.ts";

/**
 * The `set` of an update of `endpoint_health h` from rows `d (channel_id, delivered_at)`: what a delivered attempt that
 * started after `h.failing_since` means. It ends the outage with its warnings and its suspension, and notes it unless it
 * was short. A failure that started after it (attempts overlap) begins the next outage; of several only the last is
 * known, so that one may be said to begin by some seconds late.
 *
 * An outage that went on past an Admin's deed (`ended_at`, see lib/notifications/resolve-incidents.ts) ends here, too: by
 * its recovery, where that is noted, and otherwise the wait after the deed begins anew.
 */
export const recoverySql = `
  set failing_since = case when h.last_failure_at > d.delivered_at then h.last_failure_at end,
      failed_count = case when h.last_failure_at > d.delivered_at then 1 else 0 end,
      ceased_until = case when h.is_looked_at then d.delivered_at else h.ceased_until end, is_looked_at = false,
      ended_at = case when h.ended_at is not null and d.delivered_at - h.failing_since < interval '${notedOutageMs} ms'
                      then d.delivered_at end,
      judged_until = d.delivered_at, is_settled = false, warned_percent = 0, suspended_at = null,
      recovered_at = case when d.delivered_at - h.failing_since >= interval '${notedOutageMs} ms'
                          then d.delivered_at else h.recovered_at end,
      recovered_since = case when d.delivered_at - h.failing_since >= interval '${notedOutageMs} ms'
                             then h.failing_since else h.recovered_since end,
      recovered_count = case when d.delivered_at - h.failing_since >= interval '${notedOutageMs} ms'
                             then h.failed_count else h.recovered_count end`;
