// When a channel is shown as failing, and when it no longer is (docs/decisions/0028). Mails, alerts, warnings and the suspension
// go by `failing_since`, which begins with the first failed attempt and ends with the first delivery.

/** So many attempts in a row have failed... */
const shownAfterFailures = 5;
/** ...and so long apart are the first and the last of them. */
const shownAfterMs = 60_000;
/** So many deliveries in a row end it... */
const shownUntilGood = 3;
/** ...or so long without a failure after a delivery: a quiet bot may get one webhook a day. */
const shownUntilQuiet = "interval '1 hour'";

/** Whether a row of endpoint_health, called `name`, is shown as failing at `at`. */
export const isShownSql = (name: string, at = "now()"): string =>
  `(${name}.shown_since is not null
    and (${name}.failing_since is not null or ${name}.judged_until > ${at} - ${shownUntilQuiet}))`;

/** The columns after one more failure, as part of an update of `endpoint_health h`; the arguments are what the others become. */
export function shownAfterFailureSql(next: {
  failingSince: string;
  failedCount: string;
  lastFailureAt: string;
}): string {
  const wasShown = isShownSql("h", "excluded.failing_since");
  const begins = `(${next.failedCount} >= ${shownAfterFailures}
                   and ${next.lastFailureAt} - ${next.failingSince} >= interval '${shownAfterMs} ms')`;
  return `shown_since = case when ${wasShown} then h.shown_since when ${begins} then ${next.failingSince} end,
          good_left = case when ${wasShown} or ${begins} then ${shownUntilGood} else 0 end`;
}

/** The columns where `isSuspended` holds of a failing row `h`: a suspension is shown, however few attempts have failed until then. */
export const shownBySuspensionSql = (isSuspended: string): string => `
  shown_since = case when ${isSuspended} then coalesce(h.shown_since, h.failing_since) else h.shown_since end,
  good_left = case when ${isSuspended} then ${shownUntilGood} else h.good_left end`;

/** The columns after deliveries, of which `d.good_count` began after the last failed attempt. */
export const shownAfterDeliveriesSql = `
  good_left = greatest(0, h.good_left - d.good_count),
  shown_since = case when h.good_left > d.good_count then h.shown_since end`;
