import { classify } from "./classify.ts";
import { type ConnectTimes, noteOf } from "./connect.ts";
import type { Connection, Exchange } from "./exchange.ts";
import { retryAfterMs } from "./retry-after.ts";
import type {
  DeliveryOutcome,
  Observation,
  PhaseTimes,
  Repeat,
  Seen,
  ShownCertificate,
} from "./schema.ts";
import { alertEvidence, type TlsEvidence } from "./tls-evidence.ts";

/** Everything one attempt gave: what its last try came to, and the tries before. */
export type AttemptFacts = {
  observation: Observation;
  evidence: TlsEvidence;
  repeats: readonly Repeat[];
  note: string | null;
  /** Of the connection, where this attempt opened it. */
  times: ConnectTimes | null;
  /** Null when no request was written. */
  exchange: Exchange | null;
  protocol: "http/1.1" | "h2" | null;
  remoteAddress: string | null;
  certificate: ShownCertificate | null;
};

const nothing: Buffer = Buffer.alloc(0);

/** Of a try that wrote nothing. */
export const notSent = {
  evidence: {},
  repeats: [],
  note: null,
  times: null,
  exchange: null,
  protocol: null,
  remoteAddress: null,
  certificate: null,
} as const satisfies Omit<AttemptFacts, "observation">;

/** Of a try that wrote its request; `times` where it opened the connection. */
export function exchangeFacts(
  exchange: Exchange,
  { protocol, remoteAddress, tlsVersion, certificate }: Connection,
  times: ConnectTimes | null,
): AttemptFacts {
  const { observation, note } = exchange;
  const late = observation.kind === "failed" ? alertEvidence(observation.code, true) : {};
  const evidence: TlsEvidence =
    late.alert === undefined
      ? {}
      : { ...late, serverCertificateShown: true, ...(tlsVersion === null ? {} : { tlsVersion }) };
  return {
    observation,
    evidence,
    repeats: [],
    note: note ?? noteOf(observation),
    times,
    exchange,
    protocol,
    remoteAddress,
    certificate,
  };
}

/** Judges an attempt and puts it into the form in which it is recorded. */
export function toOutcome(startedAt: Date, totalMs: number, facts: AttemptFacts): DeliveryOutcome {
  const { protocol, remoteAddress, exchange, certificate } = facts;
  const times = phaseTimes(totalMs, facts.times, exchange);
  const note = noteWithRepeats(facts);
  const verdict = classify(facts.observation);
  const shown = certificate === null ? {} : { certificate };
  const known = {
    ...{ startedAt, times, note, seen: whatWasSeen(facts), protocol, remoteAddress },
    ...shown,
  };
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

function noteWithRepeats({ note, repeats }: AttemptFacts): string | null {
  const sentAgain = repeats.map(({ why, code }) => `sent again: ${why}${code ? ` (${code})` : ""}`);
  return [...sentAgain, ...(note === null ? [] : [note])].join("; ") || null;
}

function whatWasSeen({ observation, evidence, exchange, repeats }: AttemptFacts): Seen {
  const seen: Seen = { ...whereItEnded(observation), ...evidence };
  if (exchange?.firstBytes) seen.firstBytes = exchange.firstBytes;
  if (exchange?.isReused && observation.kind !== "answered") seen.isReused = true;
  if (exchange && exchange.oddities.length > 0) seen.oddities = exchange.oddities;
  if (repeats.length > 0) seen.repeats = repeats;
  return seen;
}

function whereItEnded(seen: Observation): Seen {
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
  const times: PhaseTimes = { total: toTenths(totalMs) };
  if (connect?.dns !== undefined) times.dns = toTenths(connect.dns);
  if (connect?.tcp !== undefined) times.tcp = toTenths(connect.tcp);
  if (connect?.tls !== undefined) times.tls = toTenths(connect.tls);
  if (exchange && exchange.headersMs !== null) times.headers = toTenths(exchange.headersMs);
  if (exchange && exchange.bodyMs !== null) times.body = toTenths(exchange.bodyMs);
  return times;
}

/** Milliseconds to one decimal. */
export function toTenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
