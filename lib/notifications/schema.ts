import type { EndpointStep } from "#lib/endpoint-health/schema.ts";
import type { Locale } from "#lib/messages/locales.ts";
import type { ErrorReason } from "#lib/webhook-errors/schema.ts";

/** What failures are counted for in windows. */
export type FailureType = "error_detected" | "redelivery_stopped";
export type NotificationType = FailureType | "endpoint_failing";

export const mailStates = ["queued", "sending", "sent", "failed", "kept"] as const;
export type MailState = (typeof mailStates)[number];

/** One failure, or several that are alike, as the notification windows count it. */
export type NotableFailure = {
  channelId: string;
  type: FailureType;
  /** Null: no answer came. All of these count as one kind (fact sheet 3.4). */
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

/** What a notification mail says, for one language and time zone. */
export type NotificationContent = {
  type: NotificationType;
  /** How far a failing bot server has come; null for the other types. */
  step: EndpointStep | null;
  channelId: string;
  channelName: string;
  reason: ErrorReason;
  detail: string;
  /** Null: no answer came. */
  statusCode: number | null;
  errorCount: number;
  detectedAt: Date;
  /** The counted stretch ends here, exclusive. */
  closedAt: Date;
  locale: Locale;
  /** An IANA zone or a fixed offset. */
  timeZone: string;
};

export type RenderedMail = { html: string; text: string };
export type RenderNotification = (content: NotificationContent) => Promise<RenderedMail>;

/** How windows become mails. */
export type ClosingOptions = {
  render: RenderNotification;
  /** No mail server: mails are kept for operators to read. */
  keep: boolean;
  /** The right-hand side of every Message-ID. */
  messageIdDomain: string;
  /** For people and channel addresses without a zone of their own. */
  displayTimeZone: string;
  /** The database's clock when absent. */
  now?: Date;
};

/** A closed window, or a step of a failing bot server, whose mails are being written. */
export type SettledNotification = {
  id: string;
  channelId: string;
  type: NotificationType;
  /** What its failures were counted by, see `windowKey`; an `EndpointStep` for `endpoint_failing`. */
  key: string;
  detectedAt: Date;
  closedAt: Date;
  reason: ErrorReason;
  detail: string;
  errorCount: number;
};

/** A mail as the outbox lists it. */
export type MailEntry = {
  id: string;
  recipient: string;
  subject: string;
  state: MailState;
  /** Null: a mail of no notification. */
  type: NotificationType | null;
  createdAt: Date;
  sentAt: Date | null;
};

export type MailDetail = MailEntry & {
  channelId: string | null;
  html: string;
  text: string;
  messageId: string;
  attempts: number;
  /** When it is tried next, while it is queued. */
  dueAt: Date;
  lastError: string | null;
  uncertainAt: Date | null;
};
