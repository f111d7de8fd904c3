import type { ShownAnswer } from "#lib/answers/schema.ts";
import type { ShownSeen } from "#lib/causes/read-seen.ts";
import type { LikelyCause } from "#lib/causes/schema.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";

/** One line of the list and of the TSV: errors of one clock minute with the same reason and detail. */
export type ErrorRow = {
  key: RowKey;
  reason: ErrorReason;
  detail: string;
  statusCode: number | null;
  /** When the first and the last error of the row happened. */
  startedAt: Date;
  endedAt: Date;
  errorCount: number;
};

export type ErrorSort = "date" | "errors";
type ColumnFacts = {
  /** Its head in TSV and CSV files, which have no language. */
  fileHead: string;
  /** Whether a person may hide it in the list. */
  canHide: boolean;
  /** What its head sorts the list by; null: nothing. */
  sort: ErrorSort | null;
};

/**
 * The columns of the list and of its TSV and CSV files, in their order. The name is the key of its head among the texts
 * (`table` in `webhook-errors.json`). Its cell in a file is in column-sql.ts, that in the list in errors-columns.tsx.
 */
export const errorColumns = {
  date: { fileHead: "Date", canHide: true, sort: "date" },
  start: { fileHead: "Start", canHide: false, sort: null },
  end: { fileHead: "End", canHide: true, sort: null },
  reason: { fileHead: "Reason", canHide: true, sort: null },
  detail: { fileHead: "Detail", canHide: true, sort: null },
  errors: { fileHead: "Errors", canHide: false, sort: "errors" },
} as const satisfies Readonly<Record<string, ColumnFacts>>;
export type ErrorColumn = keyof typeof errorColumns;
export const errorColumnIds = Object.keys(errorColumns) as readonly ErrorColumn[];

/** Names a row within its channel. */
export type RowKey = { minute: Date; reason: ErrorReason; detail: string };

/** One bar of the chart: `[from, to)`, cut to the range at both ends. */
export type ErrorBucket = {
  from: Date;
  to: Date;
  /** Errors by series: a reason, or a detail when the chart is split by detail. A series without errors is absent. */
  counts: Readonly<Record<string, number>>;
  /** Webhooks delivered; null where nothing was counted, so that the line breaks there. */
  deliveredCount: number | null;
};

/** A stretch in which Error statistics aggregation was off. */
export type CountingGap = { from: Date; to: Date };

/** What becomes of a webhook after a failed attempt. `unknown`: its log is no longer kept. */
export type NextStep =
  | { state: "waiting"; at: Date; attempt: number }
  | { state: "sending"; attempt: number }
  | { state: "delivered" | "failed" | "stopped" | "cancelled" | "not_sent"; at: Date }
  | { state: "unknown" };

/** One failed attempt as the list behind a row shows it. */
export type SingleError = {
  occurredAt: Date;
  webhookId: string;
  attempt: number;
  next: NextStep;
};

/** Everything known about one failed attempt. */
export type SingleErrorDetail = SingleError &
  ShownAnswer & {
    url: string | null;
    eventIds: readonly string[];
    eventCount: number | null;
    statusCode: number | null;
    /** Milliseconds by phase, in the order in which they pass. */
    phases: readonly { phase: string; durationMs: number }[];
    /** Null: nothing better than the detail's explanation is known. */
    likelyCause: LikelyCause | null;
    /** Null for attempts of before it was kept. */
    seen: ShownSeen | null;
  };

/** How bad, how much of all, what happens next. */
export type ErrorSummary = {
  /** What the filter leaves; the shares are of everything in the range. */
  errorCount: number;
  allErrorCount: number;
  /** Webhooks whose first attempt failed in the range. */
  webhookCount: number;
  /** All attempts of the range, whatever the filter. */
  attemptCount: number;
  /** Failed attempts / all attempts, 0 to 1; null when there was none. */
  failedShare: number | null;
  /** The same over the stretch of equal length before. */
  failedShareBefore: number | null;
  waiting: { count: number; more: boolean; nextAt: Date | null };
};

/** Entries of the audit log that the chart marks. */
export const changeActions = [
  "webhook_url_set",
  "switch_turned",
  "secret_issued",
  "secret_overlap_begun",
  "secret_overlap_cancelled",
  "secret_switched",
  "channel_disabled",
] as const;
export const changedSwitches = [
  "useWebhook",
  "webhookRedelivery",
  "errorStatisticsAggregation",
] as const;

/** Something that changed how a channel's webhooks are sent. `by` and `url` are null for those who may not see the audit log. */
export type ChannelChange = { id: string; at: Date; by: string | null } & (
  | { action: "webhook_url_set"; url: string | null }
  | { action: "switch_turned"; name: (typeof changedSwitches)[number]; isOn: boolean }
  /** The overlap of two secrets ended by itself: the new one signs alone. */
  | { action: "secret_overlap_over" }
  | { action: Exclude<(typeof changeActions)[number], "webhook_url_set" | "switch_turned"> }
);
