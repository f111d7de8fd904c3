import type { ErrorReason } from "#lib/webhook-errors/schema.ts";

export const notificationTypes = ["error_detected", "redelivery_stopped"] as const;
export type NotificationType = (typeof notificationTypes)[number];

export const mailStates = ["queued", "sending", "sent", "failed", "kept"] as const;
export type MailState = (typeof mailStates)[number];

/** One failure, or several that are alike, as the notification windows count it. */
export type NotableFailure = {
  channelId: string;
  type: NotificationType;
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
