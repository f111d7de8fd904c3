import type { ShownAnswer } from "#lib/answers/schema.ts";
import type { ShownSeen } from "#lib/causes/read-seen.ts";
import type { LikelyCause } from "#lib/causes/schema.ts";
import type { Doubt } from "#lib/delivered-answers/schema.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import type { StatusFilter } from "#lib/webhook-errors/status-filter.ts";

/** How a webhook of the log stands. The first three are rows of the queue or set aside, the others ended. */
export const deliveryStates = [
  "waiting",
  "sending",
  "set_aside",
  "delivered",
  "failed",
  "stopped",
  "cancelled",
  "not_sent",
] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** What the filter offers: everything that has not ended is `waiting`. */
export const filterStates = [
  "waiting",
  "delivered",
  "failed",
  "stopped",
  "cancelled",
  "not_sent",
] as const;
export type FilterState = (typeof filterStates)[number];

/** Event types (docs/platform.md#events) that the filter offers; any other can stand in the address. */
export const offeredEventTypes = [
  "message",
  "messageEdited",
  "unsend",
  "follow",
  "unfollow",
  "join",
  "leave",
  "memberJoined",
  "memberLeft",
  "postback",
  "videoPlayComplete",
  "beacon",
  "accountLink",
  "membership",
] as const;

/**
 * What the attempt that ended a webhook came to; null: anything. Answer times are milliseconds from the request written to the
 * answer's headers, both ends among them.
 */
export type AskedOutcome = {
  reason: ErrorReason | null;
  status: StatusFilter | null;
  likelyCause: LikelyCause | null;
  answerFromMs: number | null;
  answerToMs: number | null;
};

export const anyOutcome: AskedOutcome = {
  reason: null,
  status: null,
  likelyCause: null,
  answerFromMs: null,
  answerToMs: null,
};

/** Which webhooks of a channel: what list, count and redelivery are asked alike. Null: any. */
export type LogQuestion = {
  channelId: string;
  /** `[from, to)` of the time accepted. */
  from: Date;
  to: Date;
  states: readonly FilterState[] | null;
  eventType: string | null;
  eventId: string | null;
  /** Only delivered ones whose answer is doubted. */
  doubtful: boolean;
  /** Only what ended in `[from, to)`. Absent: whenever it did. */
  ended?: { from: Date; to: Date } | null;
  /** Only what a redelivery job queued. Absent: whatever queued it. */
  job?: JobPart | null;
  /** Only what ended so; that has ended. Absent: however it did. */
  outcome?: AskedOutcome;
  /** Only what has an event of this user, group or room, as far as that is kept (lib/queue/sources.ts). Absent: of anybody. */
  sourceId?: string | null;
};

/** What has become of the webhooks of a redelivery job; `sent`: delivered or failed, `open`: not ended yet. */
export const jobOutcomes = ["sent", "delivered", "failed", "cancelled", "open"] as const;
export type JobOutcome = (typeof jobOutcomes)[number];
/** Some of the webhooks of a redelivery job; `came` null: all of them. */
export type JobPart = { id: string; came: JobOutcome | null };

/** One webhook of the log. */
export type LoggedWebhook = {
  id: string;
  acceptedAt: Date;
  state: DeliveryState;
  /** Attempts begun; of one in hand the one under way is among them. */
  attempts: number;
  eventCount: number;
  /** The types of its events, each once, in their order; empty when the body is too large for a list. */
  eventTypes: readonly string[];
  /** When it ended; null while it waits. */
  finishedAt: Date | null;
  /** When the next attempt is due; null unless it waits. */
  dueAt: Date | null;
  /** Of the attempt that delivered, or the failed one that ended it; null: no answer came, or it waits. */
  statusCode: number | null;
  /** How long that answer took: milliseconds from the request written to the answer's headers. */
  answerMs: number | null;
  /** Of the failed attempt that ended it; null: it ended otherwise, or before this was kept. */
  reason: ErrorReason | null;
  detail: string | null;
  likelyCause: LikelyCause | null;
  /** Why that attempt's answer was probably not the bot's. */
  doubt: Doubt | null;
};

/** How many webhooks match; not complete: so many at least, as counting them all would take too long. */
export type LogTotal = { count: number; isComplete: boolean };

/** One page of the log, newest first unless asked otherwise. */
export type LogPage = {
  webhooks: LoggedWebhook[];
  /** Where the neighbouring pages begin (a webhook id); null at the end. */
  previous: string | null;
  next: string | null;
  /** The search stopped at this time, because it had read enough; `next` goes on there. Null: it ended by itself. */
  searchedTo: Date | null;
};

/** The webhooks (ids) next to one in the list; null: none. */
export type Neighbours = { newer: string | null; older: string | null };

/**
 * One attempt as people see it. What the bot server answered is harmless text; of a delivered attempt it is known only where
 * it was kept.
 */
export type LoggedAttempt = {
  attempt: number;
  startedAt: Date;
  url: string | null;
  statusCode: number | null;
  /** Milliseconds by phase, in the order in which they pass. */
  phases: readonly { phase: string; durationMs: number }[];
} & (
  | ({ outcome: "delivered"; doubt: Doubt | null } & ShownAnswer)
  | ({
      outcome: "failed";
      reason: ErrorReason;
      detail: string;
      /** Null: nothing better than the detail's explanation is known. */
      likelyCause: LikelyCause | null;
      /** Null for attempts of before it was kept. */
      seen: ShownSeen | null;
    } & ShownAnswer)
);

/** A webhook with everything known of it. */
export type WebhookDetail = LoggedWebhook & {
  /** The newest first. Attempts cut off by a crash are missing. */
  history: LoggedAttempt[];
  body: string;
};
