import { type ReasonCounts, reasonKey } from "./reason-counts.ts";
import type { NotableFailure } from "./schema.ts";

/**
 * A stretch of time in which failures of one channel, type and key are counted together: from `openedAt` to before
 * `closesAt`. `open`: the one that new failures fall into. `stored`: a row of `notifications` already.
 */
export type Span = {
  id: string;
  open: boolean;
  stored: boolean;
  changed: boolean;
  openedAt: number;
  closesAt: number;
  reason: NotableFailure["reason"];
  detail: string;
  errorCount: number;
  /** When the newest of its failures happened. */
  lastAt: number;
  reasons: ReasonCounts;
};

/**
 * Puts each failure into the span that covers its time, and opens spans where none does, so that every span covers
 * exactly `windowMs` from its first failure (docs/platform.md#mails). Failures may come in any order: one from before the first
 * failure of the open span moves that span's start back and makes it the failure the mail names.
 * Changes `spans` and the spans in it.
 */
export function placeFailures(
  spans: Span[],
  failures: readonly NotableFailure[],
  windowMs: number,
  newId: () => string,
): void {
  const inOrder = failures.toSorted((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
  for (const failure of inOrder) {
    const span = findSpan(spans, failure, windowMs) ?? openSpan(spans, failure, windowMs, newId);
    const name = reasonKey(failure);
    span.errorCount += failure.errorCount;
    span.reasons[name] = (span.reasons[name] ?? 0) + failure.errorCount;
    span.lastAt = Math.max(span.lastAt, failure.occurredAt.getTime());
    span.changed = true;
  }
}

function findSpan(spans: Span[], failure: NotableFailure, windowMs: number): Span | undefined {
  const at = failure.occurredAt.getTime();
  const covering = spans.find((span) => span.openedAt <= at && at < span.closesAt);
  if (covering !== undefined) return covering;
  const next = spans
    .filter((span) => at < span.openedAt && span.openedAt < at + windowMs)
    .sort((a, b) => a.openedAt - b.openedAt)[0];
  if (next === undefined) return undefined;
  // A span that is no longer open keeps its end: what came after that end has been counted elsewhere.
  if (next.open) next.closesAt = at + windowMs;
  next.openedAt = at;
  next.reason = failure.reason;
  next.detail = failure.detail;
  return next;
}

function openSpan(
  spans: Span[],
  failure: NotableFailure,
  windowMs: number,
  newId: () => string,
): Span {
  const at = failure.occurredAt.getTime();
  const current = spans.find((span) => span.open);
  // A failure from long before the open span gets a span of its own that is already over.
  const newest = current === undefined || at >= current.closesAt;
  if (newest && current !== undefined) {
    current.open = false;
    current.changed = true;
  }
  const span: Span = {
    id: newId(),
    open: newest,
    stored: false,
    changed: true,
    openedAt: at,
    closesAt: at + windowMs,
    reason: failure.reason,
    detail: failure.detail,
    errorCount: 0,
    lastAt: at,
    reasons: {},
  };
  spans.push(span);
  return span;
}
