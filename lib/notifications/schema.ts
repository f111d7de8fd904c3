import type { LikelyCause } from "#lib/causes/schema.ts";
import type { EndpointStep } from "#lib/endpoint-health/schema.ts";
import type { Locale } from "#lib/messages/locales.ts";
import type { MailKind, MailState, RenderedMail } from "#lib/outbox/schema.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import type { OrderContent } from "./mail-orders.ts";
import type { ReasonCounts } from "./reason-counts.ts";

/** What failures are counted for in windows. */
export type FailureType = "error_detected" | "redelivery_stopped";

type TypeFacts = {
  /** Of its mail; the name of the channel follows. */
  subject: string;
  /** What Slack's alerts say it is. */
  alertTitle: string;
  /** Whether an address can do without such mails. */
  canBeMuted: boolean;
};

/**
 * What people are told of. The subjects are the platform's own, in English whatever the language of the mail
 * (docs/platform.md#mails), and ours like them. The name of a type stands in the database's columns `type` and `muted_types`, is the
 * key of its name under `types` in `mails.json`, and makes the alerts' `channel.<name>`; what its mail says hangs on
 * engine/worker/mail/words-by-type.ts.
 */
export const notificationTypes = {
  error_detected: {
    subject: "Messaging API: Your bot server returned no response or an error",
    alertTitle: "Bot server returned no response or an error",
    canBeMuted: true,
  },
  redelivery_stopped: {
    subject: "Messaging API: Webhook redelivery stopped",
    alertTitle: "Webhook redelivery stopped",
    canBeMuted: true,
  },
  endpoint_failing: {
    subject: "Messaging API: Your bot server keeps failing",
    alertTitle: "Bot server keeps failing",
    canBeMuted: true,
  },
  recovered: {
    subject: "Messaging API: Your bot server has recovered",
    alertTitle: "Bot server has recovered",
    canBeMuted: true,
  },
  certificate_ends: {
    subject: "Messaging API: The certificate of your bot server ends soon",
    alertTitle: "Certificate of the bot server ends soon",
    canBeMuted: true,
  },
  // Sent to who asks for it.
  test: {
    subject: "Messaging API: Test mail",
    alertTitle: "Test alert: nothing failed",
    canBeMuted: false,
  },
} as const satisfies Readonly<Record<string, TypeFacts>>;
export type NotificationType = keyof typeof notificationTypes;

/** The types that this version knows: what a newer one left in the database waits for it. */
export const knownTypes = Object.keys(notificationTypes) as readonly NotificationType[];

/** Whether it says that webhooks fail: of nothing else are there errors, a likely cause and an outage. */
export const isFailure = (type: NotificationType): boolean =>
  type !== "test" && type !== "recovered" && type !== "certificate_ends";

/** The type that a column names; null: this version does not know it. */
export const knownType = (name: string): NotificationType | null =>
  knownTypes.find((type) => type === name) ?? null;

/** Why nobody was told of a notification. */
export const untoldReasons = [
  /** The channel has not the function, or operators withdrew it. */
  "not_approved",
  /** It began before the function was approved. */
  "before_approval",
  /** Such errors were told of already, and the pause before the next reminder runs. */
  "reminder_pause",
  /** It had fewer errors than the channel's people want to be told of. */
  "below_threshold",
  /** Nobody was told of the outage that ended. */
  "outage_untold",
  /** All its errors are of problems that an Admin muted. */
  "muted",
  /** No address is verified and wants such mails. */
  "nobody",
] as const;
export type UntoldReason = (typeof untoldReasons)[number];

/** How often people are told, and who has the function at all. */
export type NotificationPolicy = {
  /** `apply`: channels that operators approved. */
  access: "apply" | "open";
  windowMs: number;
  /** A window is closed early when deliveries ceased so long ago, see closeEarly; below `windowMs`. 0: none is. */
  earlyMs: number;
  /** Between mails about the same kind of errors in one outage; the last is repeated. */
  reminderPausesMs: readonly number[];
  /** More channels than this failing together for one recipient are told of in one mail. */
  digestAbove: number;
  /** At least so long between two digests to one recipient. */
  digestPauseMs: number;
  /** Mails about one channel to one recipient within 24 h; what comes above goes into a digest. */
  channelCapPerDay: number;
  /** Mails to one recipient within an hour; what comes above goes into a digest. */
  recipientCapPerHour: number;
  /** Of the quiet hours of people without a zone of their own. */
  displayTimeZone: string;
};

/** One failure, or several that are alike, as the notification windows count it. */
export type NotableFailure = {
  channelId: string;
  type: FailureType;
  /** Null: no answer came. All of these count as one kind (docs/platform.md#mails). */
  statusCode: number | null;
  reason: ErrorReason;
  detail: string;
  occurredAt: Date;
  errorCount: number;
};

/** What failures of one channel and type are counted together by: the status code, or "none". */
export function windowKey(statusCode: number | null): string {
  return statusCode === null ? "none" : String(statusCode);
}

/** What makes a window worth telling (docs/decisions/0018); of several the first that holds. */
export const toldAsAll = [
  /** Nothing is delivered any more. */
  "ceased",
  /** The first of its kind in an outage. */
  "first",
  /** Errors of a reason that was not told in this outage. */
  "reason",
  /** At least ten times as many an hour as were told. */
  "rise",
  /** The pause since the last mail of its kind is over. */
  "reminder",
] as const;
export type ToldAs = (typeof toldAsAll)[number];

/** Why a window is told: `ceasedSince` is set where deliveries had ceased. */
export type News = { as: ToldAs; ceasedSince: Date | null; reasons: ReasonCounts };

/**
 * When such errors were last told of, and how many were counted since of which nobody was told. `since` is null where they
 * never were: the held ones stayed below the channel's threshold.
 */
export type Reminder = { since: Date | null; heldCount: number };

/** Somebody is on one of the problems of a notification (lib/problems); the name is null when the account is gone. */
export type TakenProblem = { reason: ErrorReason; detail: string; by: string | null; at: Date };

/** What one telling adds to what its readers know: the errors of its window and those held since the last one. */
export const errorsTold = (one: { errorCount: number; reminder: Reminder | null }): number =>
  one.errorCount + (one.reminder?.heldCount ?? 0);

/** What a notification mail says, for one language and time zone. */
export type NotificationContent = {
  type: NotificationType;
  /** How far a failing bot server has come; null for the other types. */
  step: EndpointStep | null;
  /** Set when such errors were told of before and this is a reminder, or some were counted since without a mail. */
  reminder: Reminder | null;
  /** Null for what is no window. */
  news: News | null;
  channelId: string;
  channelName: string;
  reason: ErrorReason;
  detail: string;
  /** Null: no answer came. */
  statusCode: number | null;
  /** Of most of the errors; null when none is known. */
  likelyCause: LikelyCause | null;
  /** Its errors are among those that the Errors page shows, see readCounted. */
  isCounted: boolean;
  /** Absent: nobody is on it. */
  taken?: readonly TakenProblem[];
  errorCount: number;
  detectedAt: Date;
  /** The counted stretch ends here, exclusive. */
  closedAt: Date;
  locale: Locale;
  /** An IANA zone or a fixed offset. */
  timeZone: string;
};

/** One line of a digest. */
export type DigestLine = Omit<NotificationContent, "locale" | "timeZone">;

/** Many notifications in one mail; `moreCount`, with `moreErrorCount` errors, stand in none of its lines. */
export type DigestContent = {
  lines: readonly DigestLine[];
  channelCount: number;
  moreCount: number;
  moreErrorCount: number;
  locale: Locale;
  timeZone: string;
};

/** Renders mails. `unsubscribeUrl` stands in their footer. */
export type RenderNotification = (
  content: NotificationContent,
  unsubscribeUrl: string,
) => Promise<RenderedMail>;
export type RenderDigest = (
  content: DigestContent,
  unsubscribeUrl: string,
) => Promise<RenderedMail>;

/** Renders a mail that was ordered; `url` is where it leads or, of a weekly digest, where it is ended. */
export type RenderOrder = (
  order: OrderContent & { channelId: string | null; locale: Locale; timeZone: string },
  url: string,
) => Promise<RenderedMail & { subject: string }>;

/** How windows become mails. */
export type ClosingOptions = {
  policy: NotificationPolicy;
  render: RenderNotification;
  renderDigest: RenderDigest;
  renderOrder: RenderOrder;
  /** Where people reach the console. */
  baseUrl: string;
  /** Signs what stands in links of mails, and seals mails that only their recipient may read. */
  encryptionKey: Buffer;
  /** No mail server: mails are kept for operators to read. */
  keep: boolean;
  /** The right-hand side of every Message-ID. */
  messageIdDomain: string;
  /** For people and channel addresses without a zone of their own. */
  displayTimeZone: string;
  /** The database's clock when absent. */
  now?: Date;
};

/** Something that happened to a channel and that its people may be told of. */
export type SettledNotification = {
  id: string;
  channelId: string;
  type: NotificationType;
  /** What its failures were counted by, see `windowKey`; an `EndpointStep` for `endpoint_failing`; days for `certificate_ends`. */
  key: string;
  detectedAt: Date;
  closedAt: Date;
  reason: ErrorReason;
  detail: string;
  errorCount: number;
  /** When the newest of its failures happened; null: not known, or no window. */
  lastAt: Date | null;
  /** Empty: not known, or no window. */
  reasons: ReasonCounts;
  /** Of a window that was closed early: since when deliveries had ceased. Null or absent: it was not. */
  earlySince?: Date | null;
};

/** A notification of which people are told, with what every way of telling says beyond it. */
export type ToldNotification = SettledNotification & Pick<NotificationContent, "reminder" | "news">;

/** A mail as the outbox lists it. */
export type MailEntry = {
  id: string;
  recipient: string;
  subject: string;
  state: MailState;
  /** Null: a mail of no single notification. */
  type: NotificationType | null;
  kind: MailKind;
  createdAt: Date;
  sentAt: Date | null;
};

export type MailDetail = MailEntry & {
  channelId: string | null;
  /** Null: it holds a link that only its recipient may use. */
  content: RenderedMail | null;
  isSecret: boolean;
  messageId: string;
  attempts: number;
  /** When it is tried next, while it is queued. */
  dueAt: Date;
  lastError: string | null;
  uncertainAt: Date | null;
  /** When the mail server said that it could not deliver what it had taken. */
  bouncedAt: Date | null;
  /** It is not on its way, and its words are still there. */
  canBeSentAgain: boolean;
};
