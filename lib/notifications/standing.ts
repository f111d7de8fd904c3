import type { Recipient } from "./find-recipients.ts";
import type { NotificationPolicy, NotificationType, ToldAs } from "./schema.ts";
import { earlyWaitMs, settleWaitMs } from "./settle-wait.ts";
import type { Threshold } from "./threshold.ts";

/** What of a channel is told by error mails; a recovery and a test say that nothing fails. */
export const errorMailTypes = [
  "error_detected",
  "redelivery_stopped",
  "endpoint_failing",
] as const satisfies readonly NotificationType[];

/** Why no error mails are sent about a channel at all. */
export type MailBarrier =
  | { why: "not_applied" }
  /** `at`: when it was applied for, or decided. */
  | { why: "pending" | "rejected" | "withdrawn"; at: Date }
  /** Whoever could be written to has turned such mails off. */
  | { why: "off" }
  /** No address is verified, or mail servers refuse all that are. */
  | { why: "nobody" };

/** The newest error mail about a channel: `on_its_way` until a mail server has taken one of its copies. */
export type LastMail = {
  state: "sent" | "kept" | "on_its_way" | "failed";
  /** When the last copy was sent, or written. */
  at: Date;
  /** Those in that state, of all that it was written to. */
  recipientCount: number;
  ofCount: number;
};

/** The earliest mail that comes if errors go on as they do. */
export type NextMail = {
  /** `digest`: what it tells waits already, for the mail that collects it. */
  as: "first" | "news" | "reminder" | "digest";
  at: Date;
};

/** Error mails about a channel that wait for quiet hours to end. */
export type HeldMails = {
  /** When the first of them end. */
  until: Date;
  recipientCount: number;
  /** All of them end then. */
  isOneEnd: boolean;
};

/** How a channel stands to its error mails; one rule for every page that says it (docs/notifications.md#who-is-told-right-now). */
export type MailStanding = {
  /** Null: they are sent. */
  barrier: MailBarrier | null;
  last: LastMail | null;
  /** Null: nothing fails right now, too little does, or nothing is sent. What is held already is no part of it. */
  next: NextMail | null;
  /** The threshold below which the errors that are counted right now stay so far; null: none are, or `next` says what comes. */
  below: BelowThreshold | null;
  held: HeldMails | null;
};

/** A channel with the function, and who of its addresses may hear of its errors. */
export type Listening = { channelId: string; approvedAt: Date; readers: readonly Recipient[] };

/** `windowMs`: the length of a window. */
export type BelowThreshold = Threshold & { windowMs: number };

/** `state`: a MailState, or `waiting` for a digest. */
type Copy = { state: string; writtenAt: Date; sentAt: Date | null };

/** What became of the copies of one mail; null when none was written, or all were taken back. */
export function lastMailOf(copies: readonly Copy[]): LastMail | null {
  const kept = copies.filter(({ state }) => state !== "withdrawn");
  const inState = (...states: string[]) => kept.filter(({ state }) => states.includes(state));
  const found = (
    [
      ["sent", inState("sent")],
      ["on_its_way", inState("queued", "sending")],
      ["kept", inState("kept")],
      ["failed", inState("failed", "suppressed", "bounced")],
    ] as const
  ).find(([, of]) => of.length > 0);
  if (found === undefined) return null;
  const [state, of] = found;
  const times = of.map(({ sentAt, writtenAt }) => (sentAt ?? writtenAt).getTime());
  const at = new Date(Math.max(...times));
  return { state, at, recipientCount: of.length, ofCount: kept.length };
}

/** What quiet hours hold, from the ends of the hours of each recipient it is held for. */
export function heldMailsOf(ends: readonly Date[]): HeldMails | null {
  const times = ends.map((end) => end.getTime());
  if (times.length === 0) return null;
  const until = new Date(Math.min(...times));
  const isOneEnd = Math.max(...times) === until.getTime();
  return { until, recipientCount: times.length, isOneEnd };
}

/** How a mail told as this is spoken of before it comes. */
export const nextAs = (toldAs: ToldAs): NextMail["as"] => {
  if (toldAs === "first" || toldAs === "reminder") return toldAs;
  return "news";
};

/**
 * When the first window begins that a reminder may tell, if errors go on: windows follow one another from `from`, the end of
 * the one that is open now, and a reminder tells of one that begins when the pause is over or later.
 */
export function reminderStart(from: Date, pauseEndsAt: Date, windowMs: number): Date {
  const missingMs = Math.max(0, pauseEndsAt.getTime() - from.getTime());
  return new Date(from.getTime() + Math.ceil(missingMs / windowMs) * windowMs);
}

/** A window's mail follows a little after its end, see `settleNotifications`. */
export const settledAt = (
  { closedAt, earlySince }: { closedAt: Date; earlySince?: Date | null },
  policy: Pick<NotificationPolicy, "windowMs" | "earlyMs">,
): Date => {
  const waitMs = earlySince ? earlyWaitMs(policy) : settleWaitMs(policy);
  return new Date(closedAt.getTime() + waitMs);
};
