import type { PhaseTimes } from "#lib/transport/schema.ts";
import { type CauseFacts, failsAlways } from "./facts.ts";
import type { LikelyCause } from "./schema.ts";

/** A refusal is quick: nothing was computed first. Milliseconds from the connection's being there to its end. */
const refusalMsMax = 250;

/** Why the request got no proper answer. */
export function unansweredCause(facts: CauseFacts): LikelyCause | null {
  const { error, seen } = facts;
  if (seen.reset === "HTTP_1_1_REQUIRED" || seen.goAway === "HTTP_1_1_REQUIRED") {
    return "http1_demanded";
  }
  if (seen.reset === "REFUSED_STREAM") return "stream_refused";
  switch (error.detail) {
    case "Session closed unexpectedly":
    case "Stream closed unexpectedly":
      return endedCause(facts);
    case "Unclassified webhook dispatch error":
      return otherCause(facts);
    default:
      return null;
  }
}

/**
 * A rule of a proxy that answers nothing, a TLS proxy whose bot server is stopped, and a handler that crashes look the same
 * on the wire. But the first two strike at once and every time; and where webhooks once got through, it is more likely that
 * the bot server was stopped than that a rule was made. ENHANCE_YOUR_CALM is a protection against floods by its name.
 */
function endedCause(facts: CauseFacts): LikelyCause {
  const { seen } = facts;
  if (seen.reset === "ENHANCE_YOUR_CALM" || seen.goAway === "ENHANCE_YOUR_CALM") {
    return "dropped_by_rule";
  }
  if (seen.goAway !== undefined) return "connection_turned_away";
  if (isSlower(facts.times) || !failsAlways(facts)) return "closed_while_handling";
  return facts.channel?.lastDeliveredAt != null && isTlsOnly(facts)
    ? "nothing_behind_tls_proxy"
    : "dropped_by_rule";
}

/** Whether an attempt took longer than a refusal does. */
export const isSlower = (times: PhaseTimes): boolean =>
  times.total - (times.dns ?? 0) - (times.tcp ?? 0) - (times.tls ?? 0) > refusalMsMax;

/** Could it be one like stunnel? It has no HTTP of its own, so HTTP/2 is not agreed. */
const isTlsOnly = ({ protocol, url }: CauseFacts): boolean =>
  protocol !== "h2" && url.startsWith("https:");

function otherCause({ seen, protocol }: CauseFacts): LikelyCause | null {
  if (seen.phase !== "answer") return null;
  if (seen.reset !== undefined) return "closed_while_handling";
  if (seen.goAway !== undefined) return "connection_turned_away";
  if (seen.code === undefined) return null;
  // nginx over HTTP/2 says `:status 000` for an upstream that speaks no HTTP.
  if (protocol === "h2" && seen.code === "STATUS") return "proxy_points_at_no_web_server";
  if (seen.firstBytes === undefined) return "answer_malformed";
  return /^HTTP\//i.test(seen.firstBytes) ? "answer_malformed" : "proxy_points_at_no_web_server";
}
