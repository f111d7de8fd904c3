import { type Answered, isMaintenance } from "./answered.ts";
import { failsAlwaysAlike, failsSinceSecret } from "./facts.ts";
import type { LikelyCause } from "./schema.ts";

/** Of a body so large a proxy cannot have sent all before the bot answered without reading it (sockets hold about 200 kB). */
const largeBodyBytes = 65_536;

/** Why a status from 500 to 599 came. */
export function serverCause(answered: Answered): LikelyCause {
  const { statusCode, answer, frontEnd } = answered;
  if (statusCode >= 520 && statusCode <= 530) return "cdn_cannot_reach_bot";
  if (frontEnd === "tunnel") return "tunnel_closed";
  if (frontEnd === "hosting") return "hosting_reports_failure";
  // A language's own 501 for a method is Python's http.server, which has GET only.
  if (statusCode === 501) return "method_not_taken";
  if (isMaintenance(answer)) return "maintenance";
  if (statusCode === 502 || statusCode === 504) return gatewayCause(answered);
  if (statusCode === 503) return unavailableCause(answered);
  // Of lighttpd, and over HTTP/2 of Apache, when the bot server closes.
  if (frontEnd === "lighttpd" || frontEnd === "apache") return "bot_breaks_off_behind_proxy";
  return handlerCause(answered);
}

function gatewayCause({ facts, statusCode, answer, frontEnd }: Answered): LikelyCause {
  if (frontEnd === "cdn") return "cdn_cannot_reach_bot";
  if (statusCode === 504 || /timeout|timed out/.test(answer.text)) return "bot_slow_behind_proxy";
  // Squid 5.7 for a server that closed without an answer; for one that is down it says ERR_READ_ERROR.
  if (answer.header("x-squid-error").startsWith("err_zero_size_object")) {
    return "bot_breaks_off_behind_proxy";
  }
  // Measured with 1.4.69: 503 for a bot that refuses, 500 for one that closes, 502 for one that speaks no HTTP.
  if (frontEnd === "lighttpd") return "proxy_points_at_no_web_server";
  if (facts.requestBytes >= largeBodyBytes && !failsAlwaysAlike(facts)) return "body_not_read";
  return (
    gatewayPages.find(([pattern]) => pattern.test(answer.text))?.[1] ?? "bot_down_behind_proxy"
  );
}

/** What the pages of front ends for 502 tell apart: H2O, Apache, HAProxy, lighttpd. */
const gatewayPages: readonly [RegExp, LikelyCause][] = [
  [/failed to parse the response/, "proxy_points_at_no_web_server"],
  [
    /invalid or incomplete response|i\/o error|error reading from remote server/,
    "bot_breaks_off_behind_proxy",
  ],
  [/the proxy server received an invalid\s+response/, "bot_breaks_off_behind_proxy"],
  [
    /upstream connect error or disconnect.*reset reason: connection termination/,
    "bot_breaks_off_behind_proxy",
  ],
];

/**
 * nginx says 502 for a bot that is down, so its own page for 503 is `limit_req`, `limit_conn` or a `return 503`. The others
 * say 503 for a bot that is down.
 */
function unavailableCause({ answer, frontEnd }: Answered): LikelyCause {
  if (frontEnd === "nginx") return "perhaps_rate_limited";
  if (/rate limit|too many requests|local_rate_limited/.test(answer.text))
    return "perhaps_rate_limited";
  if (frontEnd === "cdn") return "cdn_cannot_reach_bot";
  return frontEnd === null ? "says_overloaded" : "bot_down_behind_proxy";
}

/**
 * The official SDKs' middleware throws for a wrong signature, and frameworks make 500 of that: so a 500 that began with
 * the secret, and never ends, is often the signature check.
 */
function handlerCause({ facts, answer }: Answered): LikelyCause {
  if (
    /signature validation failed|no signature|signaturevalidation|invalidsignature/.test(
      answer.text,
    )
  ) {
    return "signature_breaks_handler";
  }
  if (!failsAlwaysAlike(facts)) return "handler_fails_sometimes";
  return failsSinceSecret(facts) ? "signature_breaks_handler" : "handler_fails_always";
}
