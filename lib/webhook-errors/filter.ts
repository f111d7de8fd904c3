import { z } from "zod";
import { formatMinute, formatRowKey, isDetail, parseMinute, parseRowKey } from "./row-key.ts";
import { type ErrorReason, errorReasons, type RowKey } from "./schema.ts";
import { isTimeZone } from "./zones.ts";

export const rangePresets = ["1h", "24h", "7d", "30d", "90d"] as const;
export type RangePreset = (typeof rangePresets)[number];
export const defaultRange: RangePreset = "24h";

/** One status code (`from` = `to`) or a class such as 5xx. */
export type StatusFilter = { from: number; to: number };

/** Where a page of the list begins: behind (`after`) or before (`before`) this row, in the order of the list. */
export type PageStart = {
  direction: "after" | "before";
  key: RowKey;
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
  sort: "date" | "errors";
  order: "desc" | "asc";
  page: PageStart | null;
  /** Null: the viewer's own zone. */
  zone: string | null;
  /** The row that is open, and the single error shown in full. */
  row: RowKey | null;
  error: { webhookId: string; attempt: number } | null;
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
};

/** A value that is null when the text does not parse: a hand-edited address shows a page, never an error. */
const lenient = <T>(parse: (text: string) => T | null) =>
  z.string().transform(parse).nullable().catch(null).default(null);

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values).nullable().catch(null).default(null);

const ErrorSearch = z.object({
  range: oneOf(rangePresets),
  from: lenient(parseMinute),
  to: lenient(parseMinute),
  reason: oneOf(errorReasons),
  detail: lenient((text) => (isDetail(text) ? text : null)),
  status: lenient(parseStatus),
  attempt: oneOf(["first", "redelivery"]),
  by: oneOf(["reason", "detail"]),
  sort: oneOf(["date", "errors"]),
  order: oneOf(["desc", "asc"]),
  after: lenient((text) => parsePage("after", text)),
  before: lenient((text) => parsePage("before", text)),
  zone: lenient((text) => (isTimeZone(text) ? text : null)),
  row: lenient(parseRowKey),
  error: lenient(parseSingle),
});

/** Reads the filter out of an address. Whatever is missing or wrong falls back to its default. */
export function parseErrorFilter(
  search: Readonly<Record<string, string | readonly string[] | undefined>>,
): ErrorFilter {
  const first = Object.fromEntries(
    Object.entries(search).map(([name, value]) => [
      name,
      typeof value === "string" ? value : value?.[0],
    ]),
  );
  const { from, to, range, after, before, by, sort, order, ...rest } = ErrorSearch.parse(first);
  const free = from !== null && to !== null && from < to ? { from, to } : null;
  return {
    ...rest,
    range: free ?? range ?? defaultFilter.range,
    by: by ?? defaultFilter.by,
    sort: sort ?? defaultFilter.sort,
    order: order ?? defaultFilter.order,
    page: after ?? before,
  };
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
    set("from", formatMinute(next.range.from));
    set("to", formatMinute(next.range.to));
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
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

function settle(change: Partial<ErrorFilter>): Partial<ErrorFilter> {
  const { error: _error, row, page, ...listed } = change;
  if (Object.keys(listed).length > 0) return { page: null, row: null, error: null };
  if (page !== undefined) return { row: null, error: null };
  return row === undefined ? {} : { error: null };
}

export function parseStatus(text: string): StatusFilter | null {
  if (/^[1-5]xx$/i.test(text)) {
    const from = Number(text[0]) * 100;
    return { from, to: from + 99 };
  }
  return /^[1-9]\d\d$/.test(text) ? { from: Number(text), to: Number(text) } : null;
}

export function formatStatus(status: StatusFilter): string {
  return status.from === status.to ? String(status.from) : `${Math.floor(status.from / 100)}xx`;
}

function formatPage(page: PageStart): string {
  return `${page.errorCount}.${formatRowKey(page.key)}`;
}

function parsePage(direction: PageStart["direction"], text: string): PageStart | null {
  const [, count = "", rest = ""] = /^(\d{1,9})\.(.*)$/s.exec(text) ?? [];
  const key = parseRowKey(rest);
  return key === null ? null : { direction, key, errorCount: Number(count) };
}

function parseSingle(text: string): ErrorFilter["error"] {
  const [, webhookId, attempt] =
    /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,4})$/.exec(text) ?? [];
  return webhookId === undefined ? null : { webhookId, attempt: Number(attempt) };
}
