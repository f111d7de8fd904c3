import type { Exchange } from "./exchange.ts";
import type { AttemptFacts } from "./outcome.ts";
import type { Observation, Repeat } from "./schema.ts";

/** What is surely not processed is sent again so often at most: a server that always turns us away ends it. */
const freeRepeatsMax = 10;
/** The same where GOAWAY complains, such as of a client that asks too much. */
const faultRepeatsMax = 2;
/** No repeat begins later than this after the attempt: with its own limits it stays far inside the lease. */
const repeatsWithinMs = 3_000;
/** Less than this of the answer's time makes no sensible try. */
const answerMinMs = 100;

/** Why a request goes out once more; `isMarked`: as redelivery, because the first copy may have been processed. */
export type NextTry = { why: Repeat["why"]; code?: string; isMarked: boolean };

/**
 * Whether one try of an attempt is followed by another on a new connection; null: what it saw is the attempt's outcome.
 * Freely, within limits, when the bot server surely has not processed the request: nothing was written, it is above a GOAWAY's last
 * stream (RFC 9113 section 6.8), or HTTP/1.1 was asked for (section 7). Once, and marked as redelivery, when it may have been:
 * REFUSED_STREAM, which HAProxy 2.6 also sends for a request that the bot has had whole, and a connection used before
 * that ended without one byte of an answer. A request that failed on a connection of its own is never sent again.
 * @param answerLeftMs what is left of the time for the answer, all tries together
 */
export function nextTry(
  facts: AttemptFacts,
  before: readonly Repeat[],
  { elapsedMs, answerLeftMs }: { elapsedMs: number; answerLeftMs: number },
): NextTry | null {
  const found = reasonToRepeat(facts, before.length > 0);
  if (found === null || elapsedMs >= repeatsWithinMs || answerLeftMs < answerMinMs) return null;
  const once = before.some((repeat) => repeat.why === found.why);
  switch (found.why) {
    case "goaway":
      return before.length < (found.code === "NO_ERROR" ? freeRepeatsMax : faultRepeatsMax)
        ? found
        : null;
    case "http_1_1_required":
    case "connection_ended_unused":
      return once ? null : found;
    case "refused_stream":
    case "reused_connection_ended":
      return before.some((repeat) => isUnsure(repeat.why)) ? null : found;
  }
}

/** The first copy may have been processed. */
function isUnsure(why: Repeat["why"]): boolean {
  return why === "refused_stream" || why === "reused_connection_ended";
}

function reasonToRepeat(
  { observation: seen, exchange }: AttemptFacts,
  wasTurnedAway: boolean,
): NextTry | null {
  const isUnprocessed = exchange === null || exchange.isUnprocessed;
  if (seen.kind === "goaway" || seen.kind === "stream_reset") {
    const reason = reasonInHttp2(seen, isUnprocessed);
    if (reason !== null) return reason;
  }
  if (isUnprocessed) {
    // A reload may end a connection that waited to be accepted, or let it wait: lighttpd 1.4.69 accepts none while it ends
    // those that it has. A refused one would be refused again.
    const isReload = seen.kind === "timed_out" && seen.phase !== "dns" && wasTurnedAway;
    return seen.kind === "closed" || isReload
      ? { why: "connection_ended_unused", isMarked: false }
      : null;
  }
  return exchange.isReused && isLost(seen, exchange)
    ? { why: "reused_connection_ended", isMarked: true }
    : null;
}

function reasonInHttp2(
  { kind, code }: Extract<Observation, { kind: "goaway" | "stream_reset" }>,
  isUnprocessed: boolean,
): NextTry | null {
  if (code === "HTTP_1_1_REQUIRED") return { why: "http_1_1_required", code, isMarked: false };
  if (kind === "goaway") return isUnprocessed ? { why: "goaway", code, isMarked: false } : null;
  return code === "REFUSED_STREAM" ? { why: "refused_stream", code, isMarked: true } : null;
}

/**
 * Ended without one byte: with the connection, by a reset after GOAWAY (lighttpd 1.4.69 resets the streams that its GOAWAY
 * admitted when it reloads), or with what some servers say to an unused connection (RFC 9110 section 15.5.9).
 */
function isLost(seen: Observation, { hasBytes, isLast, isGoingAway }: Exchange): boolean {
  if (seen.kind === "closed") return !hasBytes;
  if (seen.kind === "stream_reset") return !hasBytes && isGoingAway;
  return seen.kind === "answered" && seen.statusCode === 408 && isLast;
}
