import type { ErrorClass } from "./error-class.ts";
import { isSuccess } from "./exchange.ts";
import type { Observation } from "./schema.ts";
import { alertOf, wantsClientCertificate } from "./tls-alert.ts";

export type Classification =
  | { state: "delivered"; statusCode: number }
  | { state: "error"; error: ErrorClass };

type ConnectDetail = Extract<ErrorClass, { reason: "could_not_connect" }>["detail"];
type OtherDetail = Extract<ErrorClass, { reason: "unclassified" }>["detail"];

/**
 * What people are told about what the transport saw: docs/platform.md#errors, every detail reachable, nothing guessed
 * from messages. A refused private address looks like a closed port, so that nobody can scan the network with it.
 */
export function classify(seen: Observation): Classification {
  switch (seen.kind) {
    case "answered":
      return isSuccess(seen.statusCode)
        ? { state: "delivered", statusCode: seen.statusCode }
        : wrongStatus(seen.statusCode);
    case "invalid_url":
      return couldNotConnect("Invalid URL syntax");
    case "blocked_address":
      return couldNotConnect("Connection failed");
    case "timed_out":
      return timedOut(seen.phase);
    case "failed":
      return failed(seen.phase, seen.code);
    case "no_tls_record":
      return couldNotConnect("No SSL/TLS record");
    case "no_common_protocol":
      return couldNotConnect("Session protocol negotiation failure");
    case "goaway":
      return couldNotConnect("Connection failed (received GOAWAY)");
    case "stream_reset":
      return unclassified("Stream closed unexpectedly");
    case "closed":
      return seen.phase === "tcp" || seen.phase === "tls"
        ? couldNotConnect("Connection failed (session closed)")
        : unclassified("Session closed unexpectedly");
    case "malformed_answer":
      return unclassified("Unclassified webhook dispatch error");
  }
}

/** DNS codes that say the name does not exist, rather than that nobody could be asked. */
function isUnknownHost(code: string): boolean {
  return code === "ENOTFOUND" || code === "ENODATA" || code === "EBADNAME";
}

function timedOut(phase: Extract<Observation, { kind: "timed_out" }>["phase"]): Classification {
  switch (phase) {
    case "dns":
      return couldNotConnect("DNS Query timeout");
    case "tcp":
    case "tls":
      return couldNotConnect("Connection timeout");
    case "headers":
      return error({ reason: "request_timeout", detail: "Request timeout", statusCode: null });
  }
}

function failed(
  phase: Extract<Observation, { kind: "failed" }>["phase"],
  code: string,
): Classification {
  switch (phase) {
    case "dns":
      return couldNotConnect(isUnknownHost(code) ? "Unknown host" : "DNS Query timeout");
    case "tcp":
      return couldNotConnect("Connection failed");
    case "tls":
      return couldNotConnect("TLS handshake failure");
    case "sent":
    case "headers":
      return isLateHandshakeFailure(code)
        ? couldNotConnect("TLS handshake failure")
        : unclassified("Unclassified webhook dispatch error");
  }
}

/** TLS 1.3 servers judge our side after we already sent: the alert then comes in the answer's place. */
function isLateHandshakeFailure(code: string): boolean {
  const alert = alertOf(code);
  return alert !== null && wantsClientCertificate(alert, true);
}

function wrongStatus(statusCode: number): Classification {
  return error({ reason: "error_status_code", detail: `${statusCode}`, statusCode });
}

function couldNotConnect(detail: ConnectDetail): Classification {
  return error({ reason: "could_not_connect", detail, statusCode: null });
}

function unclassified(detail: OtherDetail): Classification {
  return error({ reason: "unclassified", detail, statusCode: null });
}

function error(failure: ErrorClass): Classification {
  return { state: "error", error: failure };
}
