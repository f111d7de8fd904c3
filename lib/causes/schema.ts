/**
 * What probably lies behind an error, beneath its documented reason and detail and never instead of them: a closed set,
 * in the order in which an attempt meets them. Two situations share a name when people would do the same about both.
 * The words are in the catalogue (`causes`), the choice in find-cause.ts, the evidence in docs/front-ends.md.
 */
export const likelyCauses = [
  // The name and the address.
  "url_unusable",
  "host_name_missing",
  "name_servers_silent",
  // The connection. A refused private address is `port_refused` too, so that nobody can scan the network with it.
  "port_refused",
  "host_unreachable",
  "firewall_drops",
  "closed_on_connect",
  "accepted_then_silent",
  "plain_port",
  // TLS.
  "no_common_protocol",
  "client_certificate_demanded",
  "host_name_unknown_to_server",
  "host_name_perhaps_unknown",
  "tls_too_old",
  "no_common_cipher",
  "certificate_expired",
  "certificate_not_yet_valid",
  "certificate_for_other_name",
  "certificate_self_signed",
  "certificate_chain_incomplete",
  "certificate_unsuitable",
  "tls_failed",
  // Taken, then no answer.
  "connection_turned_away",
  "nothing_behind_tls_proxy",
  "dropped_by_rule",
  "closed_while_handling",
  "stream_refused",
  "http1_demanded",
  "stopped_behind_haproxy",
  "never_answers",
  "cold_start",
  "slow_sometimes",
  "slow_mostly",
  // No proper answer.
  "proxy_points_at_no_web_server",
  "answer_malformed",
  // Redirects and refusals.
  "redirect_to_sign_in",
  "redirect_elsewhere",
  "http_sent_to_tls_port",
  "signature_refused",
  "sign_in_demanded",
  "blocked_by_rule",
  "request_not_understood",
  "tunnel_closed",
  "path_unknown_to_web_server",
  "path_unknown_to_bot",
  "handler_gave_no_answer",
  "static_site",
  "method_not_taken",
  "body_too_large",
  "rate_limited",
  "perhaps_rate_limited",
  // Failures of the bot server and of what stands before it.
  "signature_breaks_handler",
  "handler_fails_always",
  "handler_fails_sometimes",
  "bot_down_behind_proxy",
  "bot_slow_behind_proxy",
  "bot_breaks_off_behind_proxy",
  "body_not_read",
  "cdn_cannot_reach_bot",
  "hosting_reports_failure",
  "maintenance",
  "says_overloaded",
  "status_unusual",
] as const;
export type LikelyCause = (typeof likelyCauses)[number];

export function isLikelyCause(value: unknown): value is LikelyCause {
  return likelyCauses.some((cause) => cause === value);
}

/** How many of some errors probably have this cause. */
export type CauseCount = { cause: LikelyCause; count: number };

/** Where a cause is told with its evidence. */
export function causeHref(cause: LikelyCause): string {
  return `/console/help/causes#${cause}`;
}

/** What people read of a cause where the page cannot look the words up by itself. */
export type CauseWords = { name: string; cause: string; action: string; more: string };
