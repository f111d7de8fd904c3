import type { ErrorClass } from "#lib/transport/error-class.ts";
import type { Answer, PhaseTimes, Seen } from "#lib/transport/schema.ts";

/** What the cause of a failed attempt is judged by. Nothing in it may tell a refused private address from a closed port. */
export type CauseFacts = {
  error: ErrorClass;
  seen: Seen;
  times: PhaseTimes;
  startedAt: Date;
  protocol: "http/1.1" | "h2" | null;
  url: string;
  requestBytes: number;
  /** Null when no headers came. */
  response: Answer | null;
  /** Null: nothing is known of other attempts, as in **Verify**. */
  channel: ChannelView | null;
};

/** What other attempts of the channel saw, as of some seconds ago. */
export type ChannelView = {
  /** Start of the first failed attempt after the last delivered one; null while it is not failing. */
  failingSince: Date | null;
  /** Failed attempts of this outage, and the last one's detail and start. */
  failedCount: number;
  lastDetail: string | null;
  lastFailedAt: Date | null;
  /** The start of the minute of the last delivery; null when none is known. */
  lastDeliveredAt: Date | null;
  /** When the secret that signs was last changed; null when it never was, or too long ago to be found. */
  secretChangedAt: Date | null;
  /** Failed attempts of this outage with another detail than the last one, among the 50 newest of the last hour. */
  otherDetailsCount: number;
  /** Of the last hour, back to its 50th newest error; zeros where errors are not counted. */
  recent: { delivered: number; failed: number; timedOut: number };
  /** Another attempt was answered with HAProxy's own page for no server. */
  hasSeenHaproxy: boolean;
};

/** An answer for the rules to look at: names of headers in lower case, the body's beginning as text. */
export type ReadAnswer = {
  header: (name: string) => string;
  /** The first 4 KiB, each byte a character, in lower case: enough for the pages of servers, which are ASCII there. */
  text: string;
  bodyBytes: number;
};

const textBytesMax = 4_096;

export function readAnswer(response: Answer): ReadAnswer {
  const headers = new Map<string, string>();
  for (const [name, value] of response.headers) {
    const key = name.toLowerCase();
    if (!headers.has(key)) headers.set(key, value.toLowerCase());
  }
  const { body } = response;
  return {
    header: (name) => headers.get(name) ?? "",
    text: body.subarray(0, textBytesMax).toString("latin1").toLowerCase(),
    bodyBytes: body.length,
  };
}

/** So many failures in a row are no accident. */
const rowMin = 3;

/** Did nothing get through since this outage began, for some attempts already? */
export function failsAlways({ channel }: Pick<CauseFacts, "channel">): boolean {
  return channel !== null && channel.failingSince !== null && channel.failedCount >= rowMin;
}

/** The same, and every attempt of the outage, as far as is known, with the detail of this one. */
export function failsAlwaysAlike(facts: CauseFacts): boolean {
  const { channel, error } = facts;
  if (channel === null || !failsAlways(facts) || channel.lastDetail !== error.detail) return false;
  return channel.otherDetailsCount === 0;
}

/** Has nothing been delivered since the secret that signs was changed, or ever? */
export function failsSinceSecret({ channel }: Pick<CauseFacts, "channel">): boolean {
  if (channel === null) return false;
  const { lastDeliveredAt, secretChangedAt } = channel;
  if (lastDeliveredAt === null) return true;
  return secretChangedAt !== null && lastDeliveredAt <= secretChangedAt;
}
