import type { Observation, ShownCertificate } from "./schema.ts";

/** One request as it goes onto an open connection. */
export type OutgoingRequest = {
  authority: string;
  path: string;
  /** After `host` / the pseudo headers and `content-length`. */
  headers: readonly (readonly [string, string])[];
  body: Buffer;
};

/** What one request on an open connection came to. */
export type Exchange = {
  observation: Observation;
  /** The server can not have acted on the request: the connection was dead before it was written, or GOAWAY said so. */
  isUnprocessed: boolean;
  /** The connection had answered another request before. */
  isReused: boolean;
  /** The server had said GOAWAY: it was ending the connection. */
  isGoingAway: boolean;
  /** Something of an answer came, whatever it was. */
  hasBytes: boolean;
  /** The answer announced the end of the connection, or left it in a state in which nothing can follow. */
  isLast: boolean;
  headersMs: number | null;
  bodyMs: number | null;
  /** Null when no headers came. */
  headers: [string, string][] | null;
  /** The first bytes as received: 1 KiB of a success, 64 KiB of anything else. Null when no headers came. */
  body: Buffer | null;
  /** What came instead of HTTP, readable; null when it was HTTP or nothing. */
  firstBytes: string | null;
  oddities: readonly string[];
  note: string | null;
};

/** What an exchange without an answer has in common. */
export const noAnswer = {
  isUnprocessed: false,
  isReused: false,
  isGoingAway: false,
  hasBytes: false,
  isLast: true,
  headersMs: null,
  bodyMs: null,
  headers: null,
  body: null,
  firstBytes: null,
  oddities: [],
  note: null,
} as const satisfies Omit<Exchange, "observation">;

/** An open, checked connection to one origin. */
export type Connection = {
  readonly protocol: "http/1.1" | "h2";
  readonly remoteAddress: string;
  /** Such as `TLSv1.3`; null without TLS. */
  readonly tlsVersion: string | null;
  /** Null without TLS. */
  readonly certificate: ShownCertificate | null;
  /** Can it take another request now? */
  isFree(): boolean;
  /** Ended, or being ended by the server. */
  isDead(): boolean;
  /** Is a request under way on it, or about to be? */
  readonly isBusy: boolean;
  /** How long the server lets it stay open unused, in ms; at most `keepAliveMs`. */
  idleMs(): number;
  /** Sets a place aside for one request; `exchange` or `unclaim` uses it up. */
  claim(): void;
  unclaim(): void;
  /** Sends one request; its answer has `answerMs`. Never rejects. */
  exchange(request: OutgoingRequest, answerMs: number): Promise<Exchange>;
  /** Ends it at once; a running exchange is observed as closed. */
  destroy(): void;
};

/** An unused connection is kept this long where the server does not say less. */
export const keepAliveMs = 4_000;
// Closing before the server does avoids writing into a connection it is just closing.
const keepAliveMarginMs = 1_000;

/** `Keep-Alive: timeout=n`, less a margin, as a time to keep a connection; without a hint the default. */
export function idleTime(hintSeconds: number | null): number {
  if (hintSeconds === null) return keepAliveMs;
  return Math.max(0, Math.min(keepAliveMs, hintSeconds * 1_000 - keepAliveMarginMs));
}

export function isSuccess(statusCode: number): boolean {
  return statusCode >= 200 && statusCode <= 299;
}
