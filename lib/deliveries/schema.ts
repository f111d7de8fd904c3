import type { UrlProblem } from "#lib/targets/schema.ts";
import type { ErrorClass } from "#lib/webhook-errors/schema.ts";

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
  | { kind: "goaway"; phase: "tls" | "sent" | "headers" }
  | { kind: "stream_reset"; phase: "sent" | "headers" }
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

/** The result of one attempt, as recorded. */
export type DeliveryOutcome = {
  startedAt: Date;
  times: PhaseTimes;
  /** For operators only: the truth about a refused address, a stale connection replaced, a body cut off. */
  note: string | null;
  protocol: "http/1.1" | "h2" | null;
  remoteAddress: string | null;
} & (
  | { state: "delivered"; statusCode: number; retryAfterMs: null; response: null }
  | {
      state: "error";
      error: ErrorClass;
      /** From a `Retry-After` header; null when absent or not understood. */
      retryAfterMs: number | null;
      /** What came of the answer; null when no headers came. Body: first 64 KiB as received. */
      response: { headers: [string, string][]; body: Buffer } | null;
    }
);

/** One signed request owed to a bot server. */
export type DeliveryRequest = {
  url: string;
  /** The exact bytes to send and sign. */
  body: Buffer;
  /** The secret in force. */
  channelSecret: string;
  /** The secret that will be, while an overlap of both runs. */
  nextChannelSecret?: string | null;
  webhookId: string;
  /** For what is no webhook of the platform: these instead of its own headers. */
  headers?: readonly [string, string][];
};

/** A webhook that attempt after attempt brought to no outcome; an operator decides what becomes of it. */
export type SetAsideWebhook = {
  id: string;
  channelId: string;
  /** Null when the channel is gone. */
  channelName: string | null;
  acceptedAt: Date;
  setAsideAt: Date;
  /** Attempts begun in all, and those of them, the last ones, that have no outcome. */
  attemptCount: number;
  unrecordedCount: number;
  /** What the last worker said, in English; null when it died without a word. */
  defect: string | null;
  eventCount: number;
  bodyBytes: number;
};

/** A webhook URL is at most this long (fact sheet 5.3). */
export const webhookUrlLengthMax = 500;
/** The answer's headers must be there this long after the request was written (fact sheet 1.3). */
export const answerTimeoutMs = 2_000;
/** Each of DNS, TCP connect and TLS handshake has this long (design.md section 4). */
export const phaseTimeoutMs = 2_000;
/** What is read of an answer's body, and for how long, before the connection is dropped. */
export const responseBodyBytesMax = 65_536;
export const responseBodyTimeoutMs = 1_000;
/** Intake limits (design.md section 7). */
export const eventsMax = 100;
export const intakeBodyBytesMax = 262_144;

/** What a bot developer can do about a failed step of **Verify**; the console translates these. */
export const verifyAdvices = [
  "fix_url",
  "use_public_address",
  "check_host_name",
  "check_name_servers",
  "check_server_listens",
  "check_firewall",
  "check_server_closes_connection",
  "serve_tls_on_port",
  "enable_http1_or_http2",
  "enable_tls_1_2",
  "check_tls_settings",
  "renew_certificate",
  "wait_for_certificate",
  "use_trusted_certificate",
  "send_intermediate_certificates",
  "match_certificate_name",
  "do_not_ask_client_certificate",
  "answer_within_2_seconds",
  "answer_before_closing",
  "answer_valid_http",
  "do_not_redirect",
  "check_path",
  "check_authentication",
  "check_server_error",
  "answer_200",
] as const;
export type VerifyAdvice = (typeof verifyAdvices)[number];

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
 * One completed step of **Verify**. `advice` is null exactly when the step is ok; `ms` is null where nothing was waited for.
 * The steps of a refused address equal those of a refused connection: neither tells the name's addresses or the time.
 */
export type VerifyStep = { ok: boolean; advice: VerifyAdvice | null; ms: number | null } & (
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
  | { step: "http"; protocol: "http/1.1" | "h2" | null; statusCode: number | null }
);
