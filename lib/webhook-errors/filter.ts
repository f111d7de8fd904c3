import type { NotUnderstood } from "#lib/not-understood.ts";
import type { ErrorReason } from "#lib/transport/error-class.ts";
import { formatRowKey, formatUrlMinute } from "./row-key.ts";
import type { ErrorSort, RowKey } from "./schema.ts";
import { formatStatus, type StatusFilter } from "./status-filter.ts";

export const rangePresets = ["1h", "24h", "7d", "30d", "90d"] as const;
export type RangePreset = (typeof rangePresets)[number];
const defaultRange: RangePreset = "24h";

/** Where a page of the list begins: behind (`after`) or before (`before`) this row, in the order of the list. */
export type PageStart = {
  direction: "after" | "before";
  key: RowKey;
  /** The row's first error: rows of one minute stand in the order of it. */
  startedAt: Date;
  /** The row's errors when the page was made: the first sort key when sorted by errors. */
  errorCount: number;
};

/** What the address of the Errors page says. A copied address shows the same view. */
export type ErrorFilter = {
  range: RangePreset | { from: Date; to: Date };
  reason: ErrorReason | null;
  detail: string | null;
  status: StatusFilter | null;
  attempt: "first" | "redelivery" | null;
  /** What the bars of the chart are split by. */
  by: "reason" | "detail";
  sort: ErrorSort;
  order: "desc" | "asc";
  page: PageStart | null;
  /** Null: the viewer's own zone. */
  zone: string | null;
  /** The row that is open, and the single error shown in full. */
  row: RowKey | null;
  error: { webhookId: string; attempt: number } | null;
  /** The range before a bar was zoomed to, for the way back. */
  wider: ErrorFilter["range"] | null;
  /** What the address asked beyond that and nobody understood: the view shows more than was asked. Absent: nothing. */
  notUnderstood?: readonly NotUnderstood[];
};

export const defaultFilter: ErrorFilter = {
  range: defaultRange,
  reason: null,
  detail: null,
  status: null,
  attempt: null,
  by: "reason",
  sort: "date",
  order: "desc",
  page: null,
  zone: null,
  row: null,
  error: null,
  wider: null,
};

/** Takes every filter away; the range stays. */
export const noFilters = {
  reason: null,
  detail: null,
  status: null,
  attempt: null,
} as const satisfies Partial<ErrorFilter>;

/** Whether the filter leaves something out of the range. */
export function isFiltered(filter: ErrorFilter): boolean {
  return countFilters(filter) > 0;
}

/** How many filters are in force. */
export function countFilters({ reason, detail, status, attempt }: ErrorFilter): number {
  return [reason, detail, status, attempt].filter((part) => part !== null).length;
}

/** The address of the Errors page of a channel, as `errorSearch`. */
export function errorsHref(
  channelId: string,
  filter: ErrorFilter,
  change: Partial<ErrorFilter> = {},
): string {
  return `/console/channel/${channelId}/statistics/errors${errorSearch(filter, change)}`;
}

/**
 * The address's search part for `filter` with `change` applied: empty, or `?…`, with defaults left out. A change of what
 * is listed begins at the first page again, with no row open.
 */
export function errorSearch(filter: ErrorFilter, change: Partial<ErrorFilter> = {}): string {
  const next = { ...filter, ...settle(change), ...change };
  const search = new URLSearchParams();
  const set = (name: string, value: string | null) => {
    if (value !== null) search.set(name, value);
  };
  const unlessDefault = (name: "by" | "sort" | "order") =>
    set(name, next[name] === defaultFilter[name] ? null : next[name]);
  if (typeof next.range === "string") set("range", next.range === defaultRange ? null : next.range);
  else {
    set("from", formatUrlMinute(next.range.from));
    set("to", formatUrlMinute(next.range.to));
  }
  set("reason", next.reason);
  set("detail", next.detail);
  set("status", next.status && formatStatus(next.status));
  set("attempt", next.attempt);
  unlessDefault("by");
  unlessDefault("sort");
  unlessDefault("order");
  if (next.page) set(next.page.direction, formatPage(next.page));
  set("zone", next.zone);
  set("row", next.row && formatRowKey(next.row));
  set("error", next.error && `${next.error.webhookId}.${next.error.attempt}`);
  set("wider", next.wider && formatRange(next.wider));
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

/** `24h`, or both ends as one text. */
function formatRange(range: ErrorFilter["range"]): string {
  if (typeof range === "string") return range;
  return `${formatUrlMinute(range.from)}_${formatUrlMinute(range.to)}`;
}

function settle(change: Partial<ErrorFilter>): Partial<ErrorFilter> {
  const { error: _error, row, page, ...listed } = change;
  // Another range, chosen by whatever else: there is nothing to go back to.
  const left = change.range === undefined ? {} : { wider: null };
  if (Object.keys(listed).length > 0) return { page: null, row: null, error: null, ...left };
  if (page !== undefined) return { row: null, error: null };
  return row === undefined ? {} : { error: null };
}

function formatPage(page: PageStart): string {
  return `${page.errorCount}.${page.startedAt.getTime()}.${formatRowKey(page.key)}`;
}
