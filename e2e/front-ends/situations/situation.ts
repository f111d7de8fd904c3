import type { ProgramName } from "#e2e/front-ends/packages.ts";
import type { Place } from "#e2e/front-ends/place.ts";
import type { Ports } from "#e2e/front-ends/ports.ts";
import type { ChannelView } from "#lib/causes/facts.ts";
import type { LikelyCause } from "#lib/causes/schema.ts";
import type { Doubt } from "#lib/delivered-answers/schema.ts";
import type { DeliveryRequest, Seen } from "#lib/transport/schema.ts";

/** How a webhook is sent: plain http, TLS with HTTP/1.1, TLS with HTTP/2. */
export type Way = keyof Ports;

/** How long it takes until that is clear: at once, or one of the sender's 2 s timers has to end. */
export type Ends = "at once" | "after the answer's 2 s" | "after the handshake's 2 s";

/** What the sender must make of it. */
export type Expected = {
  /** `reason / detail`, or `delivered / status`. */
  verdict: string;
  phase: Seen["phase"];
  ends: Ends;
  /** Null when nothing better can be said than what the detail says, or nothing is wrong. */
  cause: LikelyCause | null;
  /** Why an answer with a 2xx status was probably not the bot's; `unseen` where only the set-up tells. */
  doubt: Doubt | "unseen" | null;
};

/** Where to send, and what comes before and along. */
export type Aim = {
  ports: Ports;
  /** The path of the webhook URL; `/ok` when absent. */
  path?: string;
  /** The host of the webhook URL; `botHost` when absent. */
  host?: string;
  /** Which the ports are in truth: `http` for the port that speaks no TLS. */
  scheme?: "http" | "https";
  /** Paths of webhooks that are sent before, over the same connections; what comes of them does not matter. */
  earlier?: readonly string[];
  request?: Partial<DeliveryRequest>;
  /** What other attempts of the channel saw. */
  channel?: ChannelView;
  /** Sends until an attempt has this verdict, at most so often: for what a server does now and then. */
  repeat?: { until: string; timesMax: number };
};

/** One thing that goes wrong, or looks as if, between a channel and a real bot server. */
export type Situation = {
  /** What it needs of Debian; the first is who stands in front. */
  programs: readonly ProgramName[];
  /** Who stands in front, with its version, where that is none of Debian's programs. */
  name?: string;
  /** For people, after "with": one line. */
  what: string;
  expected: Partial<Record<Way, Expected>>;
  start: (place: Place) => Promise<Aim>;
};

/** An answer with an error status. */
export function status(code: number, cause: LikelyCause): Expected {
  const verdict = `error_status_code / ${code}`;
  return { verdict, phase: "answer", ends: "at once", cause, doubt: null };
}

/** A success, with a doubt or none. */
export function delivered(doubt: Expected["doubt"] = null): Expected {
  return { verdict: "delivered / 200", phase: "answer", ends: "at once", cause: null, doubt };
}

export function noAnswer(cause: LikelyCause): Expected {
  const verdict = "request_timeout / Request timeout";
  return { verdict, phase: "answer", ends: "after the answer's 2 s", cause, doubt: null };
}

export function silentHandshake(cause: LikelyCause): Expected {
  const verdict = "could_not_connect / Connection timeout";
  return { verdict, phase: "tls", ends: "after the handshake's 2 s", cause, doubt: null };
}

/**
 * For servers that wait for the end of a line in a TLS greeting. About one greeting in 500 has one among its random bytes, and
 * is answered with a 400 in plain text (seen with gunicorn 20.1.0 and Varnish 7.1.1).
 */
export const untilSilent = {
  until: silentHandshake("accepted_then_silent").verdict,
  timesMax: 5,
} satisfies Aim["repeat"];

/** What was spoken there is no TLS. */
export function plainPort(): Expected {
  const verdict = "could_not_connect / No SSL/TLS record";
  return { verdict, phase: "tls", ends: "at once", cause: "plain_port", doubt: null };
}

export function noHandshake(cause: LikelyCause): Expected {
  const verdict = "could_not_connect / TLS handshake failure";
  return { verdict, phase: "tls", ends: "at once", cause, doubt: null };
}

export function closed(cause: LikelyCause): Expected {
  const verdict = "unclassified / Session closed unexpectedly";
  return { verdict, phase: "answer", ends: "at once", cause, doubt: null };
}

export function reset(cause: LikelyCause): Expected {
  const verdict = "unclassified / Stream closed unexpectedly";
  return { verdict, phase: "answer", ends: "at once", cause, doubt: null };
}

export function malformed(cause: LikelyCause): Expected {
  const verdict = "unclassified / Unclassified webhook dispatch error";
  return { verdict, phase: "answer", ends: "at once", cause, doubt: null };
}

/** The same over TLS with both protocols. */
export function both(expected: Expected): Situation["expected"] {
  return { h1: expected, h2: expected };
}
