import type { MailState } from "#lib/outbox/schema.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import type { NotificationType, UntoldReason } from "./schema.ts";

/** What happened, and who was told how. */
export type HistoryEntry = {
  id: string;
  type: NotificationType;
  reason: ErrorReason;
  detail: string;
  statusCode: number | null;
  errorCount: number;
  detectedAt: Date;
  closedAt: Date;
  /** See readCounted. */
  isCounted: boolean;
  /** Null: people were told, or are about to be. */
  untold: UntoldReason | null;
  /** It is decided who is told. */
  isSettled: boolean;
  recipients: {
    address: string;
    /**
     * `waiting`: for a digest or the mail to be written; `held`: for quiet hours to end; `dropped`: no longer a recipient when
     * it was written.
     */
    state: MailState | "waiting" | "held" | "dropped";
    /** When the quiet hours end that it is held by. */
    heldUntil: Date | null;
    /** The mail, where its content is about this channel only. */
    mailId: string | null;
  }[];
  alerts: { name: string; state: "queued" | "sending" | "sent" | "failed" }[];
};
