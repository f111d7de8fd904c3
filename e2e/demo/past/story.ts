import type { LikelyCause } from "#lib/causes/schema.ts";
import type { ErrorClass } from "#lib/transport/error-class.ts";
import type { Answer, PhaseTimes, Seen } from "#lib/transport/schema.ts";

/** How an attempt of the past failed, as the transport would have seen it. */
export type Fault = {
  error: ErrorClass;
  likelyCause: LikelyCause;
  seen: Seen;
  times: PhaseTimes;
  answer: Answer | null;
};

/** A stretch of the thirty days before the first start, in which a share of a channel's attempts failed. */
export type Chapter = {
  /** Days before the start, and the hour of that day in which it began. */
  daysAgo: number;
  hour: number;
  /** null: it goes on. */
  hours: number | null;
  /** Of the attempts that failed. */
  share: number;
  fault: Fault;
};

/** The past of one sample channel: what happens all the time, and what happened once. */
export type Story = {
  /** Of all attempts outside the chapters, a fault at a time. */
  always: readonly { share: number; fault: Fault }[];
  chapters: readonly Chapter[];
  /** Median answer time of a good attempt, ms. */
  answerMs: number;
};

const answered = (
  statusCode: number,
  body: string,
  likelyCause: LikelyCause,
  headers: Answer["headers"] = [["content-type", "text/plain"]],
): Fault => ({
  error: { reason: "error_status_code", detail: `${statusCode}`, statusCode },
  likelyCause,
  seen: { phase: "answer" },
  times: { tcp: 0.6, headers: 38.2, total: 39.4 },
  answer: { headers, body: Buffer.from(body) },
});
const unanswered = (
  reason: "request_timeout" | "unclassified",
  likelyCause: LikelyCause,
  total: number,
): Fault => ({
  error:
    reason === "request_timeout"
      ? { reason, detail: "Request timeout", statusCode: null }
      : { reason, detail: "Session closed unexpectedly", statusCode: null },
  likelyCause,
  seen: { phase: "answer" },
  times: { tcp: 0.7, headers: total, total },
  answer: null,
});
const unreached = (
  detail: Extract<ErrorClass, { reason: "could_not_connect" }>["detail"],
  likelyCause: LikelyCause,
  seen: Seen,
  times: PhaseTimes,
): Fault => ({
  error: { reason: "could_not_connect", detail, statusCode: null },
  likelyCause,
  seen,
  times,
  answer: null,
});

const faults = {
  signatureRefused: answered(401, "signature validation failed", "signature_refused"),
  handlerFails: answered(
    500,
    "Traceback (most recent call last): KeyError: 'reply_token'",
    "handler_fails_always",
  ),
  handlerFailsSometimes: answered(
    500,
    "Internal Server Error: orders table is locked",
    "handler_fails_sometimes",
  ),
  overloaded: answered(503, "Service Unavailable", "says_overloaded"),
  signInPage: answered(302, "", "redirect_to_sign_in", [
    ["location", "/users/sign_in?next=%2Fwebhook"],
  ]),
  slowMostly: unanswered("request_timeout", "slow_mostly", 2_000.4),
  slowSometimes: unanswered("request_timeout", "slow_sometimes", 2_000.3),
  closed: unanswered("unclassified", "closed_while_handling", 3.1),
  certificateExpired: unreached(
    "TLS handshake failure",
    "certificate_expired",
    { phase: "tls", code: "CERT_HAS_EXPIRED", serverCertificateShown: true },
    { dns: 1.2, tcp: 0.8, tls: 9.5, total: 11.6 },
  ),
  refused: unreached(
    "Connection failed",
    "port_refused",
    { phase: "tcp", code: "ECONNREFUSED" },
    { dns: 0.9, tcp: 0.4, total: 1.4 },
  ),
  unknownHost: unreached(
    "Unknown host",
    "host_name_missing",
    { phase: "dns", code: "ENOTFOUND" },
    { dns: 4.8, total: 4.9 },
  ),
  plainPort: unreached(
    "No SSL/TLS record",
    "plain_port",
    { phase: "tls", firstBytes: "HTTP/1.1 400 Bad Request\\x0d\\x0a" },
    { dns: 0.9, tcp: 0.4, tls: 1.8, total: 3.2 },
  ),
} as const satisfies Record<string, Fault>;

const sinceThen = (daysAgo: number, hour: number, fault: Fault): Chapter => ({
  ...{ daysAgo, hour, hours: null, share: 1, fault },
});

/** Down for a while again and again, at hours that look like chance and are the same for everybody. */
const flakyHost: Chapter[] = Array.from({ length: 38 }, (_, index) => ({
  daysAgo: 29 - Math.floor(index * 0.75),
  hour: (index * 7.3) % 24,
  hours: 0.4 + ((index * 0.37) % 0.9),
  share: 0.8,
  fault: faults.refused,
}));

/** By the name of the channel; one that is not here has no past. */
export const stories: Readonly<Partial<Record<string, Story>>> = {
  "Orders bot": {
    answerMs: 120,
    always: [
      { share: 0.012, fault: faults.handlerFailsSometimes },
      { share: 0.008, fault: faults.overloaded },
      { share: 0.004, fault: faults.slowSometimes },
    ],
    // A release checked signatures with the old secret.
    chapters: [{ daysAgo: 12, hour: 9.1, hours: 2.6, share: 1, fault: faults.signatureRefused }],
  },
  "Loyalty cards": {
    answerMs: 45,
    always: [],
    // The certificate ended at midnight, and was renewed in the morning.
    chapters: [{ daysAgo: 21, hour: 0, hours: 9.2, share: 1, fault: faults.certificateExpired }],
  },
  "Store locator": {
    answerMs: 650,
    always: [{ share: 0.03, fault: faults.slowSometimes }],
    // A slow night.
    chapters: [{ daysAgo: 5, hour: 20, hours: 7, share: 0.75, fault: faults.slowMostly }],
  },
  "Gift cards": { answerMs: 60, always: [], chapters: [sinceThen(3, 11.5, faults.handlerFails)] },
  "Night shift": { answerMs: 80, always: [], chapters: flakyHost },
  "Opening hours": { answerMs: 30, always: [], chapters: [] },
  Catering: { answerMs: 70, always: [], chapters: [sinceThen(2, 16, faults.handlerFails)] },
  Suppliers: { answerMs: 70, always: [], chapters: [sinceThen(1, 8, faults.handlerFails)] },
  予約リマインダー: { answerMs: 35, always: [], chapters: [] },
  "Front desk": { answerMs: 55, always: [], chapters: [sinceThen(2, 6.5, faults.signInPage)] },
  "Lab results": { answerMs: 90, always: [], chapters: [sinceThen(1, 14, faults.closed)] },
  Pharmacy: { answerMs: 40, always: [], chapters: [sinceThen(1, 3, faults.refused)] },
  "Ward calls": { answerMs: 50, always: [], chapters: [sinceThen(2, 21, faults.unknownHost)] },
  Visitors: { answerMs: 65, always: [], chapters: [sinceThen(1, 18, faults.plainPort)] },
};
