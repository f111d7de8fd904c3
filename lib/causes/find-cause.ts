import type { DeliveryOutcome } from "#lib/transport/schema.ts";
import { connectCause } from "./connect-cause.ts";
import type { CauseFacts, ChannelView } from "./facts.ts";
import type { LikelyCause } from "./schema.ts";
import { statusCause } from "./status-cause.ts";
import { timeoutCause } from "./timeout-cause.ts";
import { unansweredCause } from "./unanswered-cause.ts";

/**
 * What probably lies behind a failed attempt, from everything that was observed; null when nothing better can be said
 * than what the detail's own explanation says. Pure, never throws. Its rules were taken from real servers
 * (docs/front-ends.md). A refused private address gets what a refused connection gets.
 */
export function findLikelyCause(facts: CauseFacts): LikelyCause | null {
  switch (facts.error.reason) {
    case "could_not_connect":
      return connectCause(facts.error.detail, facts.seen);
    case "request_timeout":
      return timeoutCause(facts);
    case "error_status_code":
      return statusCause(facts);
    case "unclassified":
      return unansweredCause(facts);
  }
}

/** The same from an outcome of the sender; null for a delivered one. */
export function causeOfOutcome(
  outcome: DeliveryOutcome,
  request: { url: string; requestBytes: number },
  channel: ChannelView | null,
): LikelyCause | null {
  if (outcome.state === "delivered") return null;
  const { error, seen, times, startedAt, protocol, response } = outcome;
  return findLikelyCause({
    error,
    seen,
    times,
    startedAt,
    protocol,
    response,
    channel,
    ...request,
  });
}
