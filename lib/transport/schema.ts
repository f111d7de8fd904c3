import type { UrlProblem } from "#lib/targets/schema.ts";
import type { ErrorClass } from "./error-class.ts";

/**
 * What the transport saw of one attempt: facts, not judgement. `classify` turns it into an outcome.
 * `phase` is the step in which it ended; `code` a Node, OpenSSL or HTTP/2 error code where there was one.
 */
export type Observation =
  | { kind: "answered"; statusCode: number }
  | { kind: "invalid_url" }
  | { kind: "blocked_address" }
  | { kind: "timed_out"; phase: "dns" | "tcp" | "tls" | "headers" }
  | { kind: "failed"; phase: "dns" | "tcp" | "tls" | "sent" | "headers"; code: string }
  | { kind: "no_tls_record" }
  | { kind: "no_common_protocol" }
  | { kind: "goaway"; phase: "tls" | "sent" | "headers"; code: string }
  | { kind: "stream_reset"; phase: "sent" | "headers"; code: string }
  | { kind: "closed"; phase: "tcp" | "tls" | "sent" | "headers" }
  | { kind: "malformed_answer"; code: string };

/** Milliseconds spent in each phase, one decimal; a phase that was not entered (or a reused connection's) is absent. */
export type PhaseTimes = {
  dns?: number;
  tcp?: number;
  tls?: number;
  /** From the request written to the answer's headers. */
  headers?: number;
  body?: number;
  total: number;
};

/** Why a request went out once more within one attempt (docs/delivery.md#sent-again-within-an-attempt). */
export type Repeat = {
  why:
    | "goaway"
    | "refused_stream"
    | "http_1_1_required"
    | "reused_connection_ended"
    | "connection_ended_unused";
  /** From the attempt's start to the repeat. */
  afterMs: number;
  /** HTTP/2's code by name, where a frame carried one. */
  code?: string;
  /** The copy before may have been processed, so this one said `isRedelivery: true` where there is a place for it. */
  isMarked: boolean;
};

/**
 * What was seen of an attempt beneath its reason and detail: facts of the wire in the field's own words, for the people
 * of the channel. A refused private address looks like a refused connection here too. Kept as JSON; what was not seen is absent.
 */
export type Seen = {
  /** The step in which it ended. */
  phase: "url" | "dns" | "tcp" | "tls" | "answer";
  /** Of the resolver, the system, OpenSSL or our parser, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
  code?: string;
  /** The TLS alert that the server sent, as RFC 8446 section 6 names it: `certificate_required`. */
  alert?: string;
  /** The codes of the HTTP/2 frames that ended it, as RFC 9113 section 7 names them: `REFUSED_STREAM`. */
  goAway?: string;
  reset?: string;
  /** Such as `TLSv1.3`. */
  tlsVersion?: string;
  /** Which of the certificates were on the table: ours was asked for, the server's had been shown. */
  clientCertificateAsked?: true;
  serverCertificateShown?: true;
  /** What came where HTTP or TLS was expected: at most 64 bytes, those that are not printable as `\xNN`. */
  firstBytes?: string;
  /** The request was written into a connection that had been used before. */
  isReused?: true;
  /** What in the answer's head was against the rules and did no harm, such as `FOLDED_FIELD`. */
  oddities?: readonly string[];
  repeats?: readonly Repeat[];
};

/** What came back: headers as received, the first bytes of the body as received (1 KiB when delivered, else 64 KiB). */
export type Answer = { headers: [string, string][]; body: Buffer };

/** What of a bot server's certificate is kept, to tell when it ends; `fingerprint` is its SHA-256 in hexadecimal. */
export type ShownCertificate = { fingerprint: string; notBefore: Date; notAfter: Date };

/** The result of one attempt, as recorded. */
export type DeliveryOutcome = {
  startedAt: Date;
  times: PhaseTimes;
  /** For operators only: the truth about a refused address, a stale connection replaced, a body cut off. */
  note: string | null;
  /** For the people of the channel. */
  seen: Seen;
  protocol: "http/1.1" | "h2" | null;
  remoteAddress: string | null;
  /** Of the connection that the request was written into; absent: of none, or without TLS. */
  certificate?: ShownCertificate;
} & (
  | { state: "delivered"; statusCode: number; retryAfterMs: null; response: Answer }
  | {
      state: "error";
      error: ErrorClass;
      /** From a `Retry-After` header; null when absent or not understood. */
      retryAfterMs: number | null;
      /** Null when no headers came. */
      response: Answer | null;
    }
);

/** One signed request owed to a bot server. */
export type DeliveryRequest = {
  url: string;
  /** The exact bytes to send and sign. */
  body: Buffer;
  /**
   * The same with `isRedelivery: true`, made only when it is needed: for a repeat within the attempt whose first copy may
   * have been processed. Absent: the repeat is the same bytes, as it has no events or is marked already.
   */
  markedBody?: () => Buffer;
  /** The secret in force. */
  channelSecret: string;
  /** The secret that will be, while an overlap of both runs. */
  nextChannelSecret?: string | null;
  webhookId: string;
  /** For what is no webhook of the platform: these instead of its own headers. */
  headers?: readonly [string, string][];
  /** The same: how long the answer may take. Absent: `answerTimeoutMs`. */
  answerMs?: number;
};

/** The answer's headers must be there this long after the request was written (docs/platform.md#errors). */
export const answerTimeoutMs = 2_000;
/** Each of DNS, TCP connect and TLS handshake has this long (docs/delivery.md#how-long-you-have). */
export const phaseTimeoutMs = 2_000;
/** What is read of an answer's body, and for how long, before the connection is dropped. */
export const responseBodyBytesMax = 65_536;
/** What is kept of a delivered webhook's answer. */
export const deliveredBodyBytesMax = 1_024;
export const responseBodyTimeoutMs = 1_000;

/** A server's certificate as people see it; times are ISO 8601, `daysLeft` is negative once it has expired. */
export type CertificateReport = {
  subject: string;
  issuer: string;
  /** DNS names and addresses it is valid for. */
  names: readonly string[];
  validFrom: string;
  validTo: string;
  daysLeft: number;
  /** Subjects from the server's certificate upwards, as far as they are known. */
  chain: readonly string[];
};

/**
 * One completed step of an attempt that somebody watches; `ms` is null where nothing was waited for.
 * The steps of a refused address equal those of a refused connection: neither tells the name's addresses or the time.
 */
export type WireStep = { ok: boolean; ms: number | null } & (
  | { step: "address"; host: string | null; problem: UrlProblem | null }
  | { step: "dns" }
  | {
      step: "tcp";
      /** What the name resolved to; told only now, when it is clear that the connection was not refused. */
      addresses: readonly string[];
      /** The one that is connected. */
      address: string | null;
      port: number;
    }
  | {
      step: "tls";
      /** Such as `TLSv1.3`. */
      version: string | null;
      protocol: "http/1.1" | "h2" | null;
      certificate: CertificateReport | null;
    }
  | {
      step: "http";
      protocol: "http/1.1" | "h2" | null;
      statusCode: number | null;
    }
);
