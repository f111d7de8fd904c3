import { classify } from "./classify.ts";
import type { ConnectTimes } from "./connect.ts";
import type { Exchange } from "./exchange.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { DeliveryOutcome, Observation, PhaseTimes, Seen } from "./schema.ts";

/** Everything one attempt gave. */
export type AttemptFacts = {
  observation: Observation;
  note: string | null;
  /** Of the connection, where this attempt opened it. */
  times: ConnectTimes | null;
  /** Null when no request was written. */
  exchange: Exchange | null;
  protocol: "http/1.1" | "h2" | null;
  remoteAddress: string | null;
};

const nothing: Buffer = Buffer.alloc(0);

/** Judges an attempt and puts it into the form in which it is recorded. */
export function toOutcome(startedAt: Date, totalMs: number, facts: AttemptFacts): DeliveryOutcome {
  const { note, protocol, remoteAddress, exchange } = facts;
  const times = phaseTimes(totalMs, facts.times, exchange);
  const verdict = classify(facts.observation);
  const known = { startedAt, times, note, seen: whatWasSeen(facts), protocol, remoteAddress };
  const headers = exchange?.headers ?? null;
  const response = headers && { headers, body: exchange?.body ?? nothing };
  if (verdict.state === "delivered") {
    const { state, statusCode } = verdict;
    const answer = response ?? { headers: [], body: nothing };
    return { ...known, state, statusCode, retryAfterMs: null, response: answer };
  }
  return {
    ...known,
    state: "error",
    error: verdict.error,
    retryAfterMs: headers && retryAfterMs(headers, startedAt),
    response,
  };
}

function whatWasSeen({ observation: seen }: AttemptFacts): Seen {
  switch (seen.kind) {
    case "invalid_url":
      return { phase: "url" };
    case "blocked_address":
      return { phase: "tcp", code: "ECONNREFUSED" };
    case "failed":
      return { phase: phaseOf(seen.phase), code: seen.code };
    case "goaway":
      return { phase: phaseOf(seen.phase), goAway: seen.code };
    case "stream_reset":
      return { phase: phaseOf(seen.phase), reset: seen.code };
    case "timed_out":
    case "closed":
      return { phase: phaseOf(seen.phase) };
    case "no_tls_record":
    case "no_common_protocol":
      return { phase: "tls" };
    case "malformed_answer":
      return { phase: "answer", code: seen.code };
    case "answered":
      return { phase: "answer" };
  }
}

function phaseOf(phase: "dns" | "tcp" | "tls" | "sent" | "headers"): Seen["phase"] {
  return phase === "sent" || phase === "headers" ? "answer" : phase;
}

function phaseTimes(
  totalMs: number,
  connect: ConnectTimes | null,
  exchange: Exchange | null,
): PhaseTimes {
  const times: PhaseTimes = { total: round(totalMs) };
  if (connect?.dns !== undefined) times.dns = round(connect.dns);
  if (connect?.tcp !== undefined) times.tcp = round(connect.tcp);
  if (connect?.tls !== undefined) times.tls = round(connect.tls);
  if (exchange && exchange.headersMs !== null) times.headers = round(exchange.headersMs);
  if (exchange && exchange.bodyMs !== null) times.body = round(exchange.bodyMs);
  return times;
}

/** Milliseconds to one decimal. */
export function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
