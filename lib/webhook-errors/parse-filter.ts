import { z } from "zod";
import { type Given, listNotUnderstood, singleValues } from "#lib/not-understood.ts";
import { canonicalZone } from "#lib/time/zones.ts";
import { errorReasons } from "#lib/transport/error-class.ts";
import { defaultFilter, type ErrorFilter, type PageStart, rangePresets } from "./filter.ts";
import { isDetail, parseRowKey, parseUrlMinute } from "./row-key.ts";
import { parseStatus } from "./status-filter.ts";

// Apart from filter.ts, so that the browser, which only makes addresses, does not get the validator.

/** A value that is null when the text does not parse: a hand-edited address shows a page, never an error. */
const lenient = <T>(parse: (text: string) => T | null) =>
  z.string().transform(parse).nullable().catch(null).default(null);

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values).nullable().catch(null).default(null);

const ErrorSearch = z.object({
  range: oneOf(rangePresets),
  from: lenient(parseUrlMinute),
  to: lenient(parseUrlMinute),
  reason: oneOf(errorReasons),
  detail: lenient((text) => (isDetail(text) ? text : null)),
  status: lenient(parseStatus),
  attempt: oneOf(["first", "redelivery"]),
  by: oneOf(["reason", "detail"]),
  sort: oneOf(["date", "errors"]),
  order: oneOf(["desc", "asc"]),
  after: lenient((text) => parsePage("after", text)),
  before: lenient((text) => parsePage("before", text)),
  zone: lenient(canonicalZone),
  row: lenient(parseRowKey),
  error: lenient(parseSingle),
  wider: lenient(parseRange),
});

/** Reads the filter out of an address. Whatever is missing or wrong falls back to its default; what is wrong is named. */
export function parseErrorFilter(search: Given): ErrorFilter {
  const parsed = ErrorSearch.parse(singleValues(search));
  const { from, to, range, after, before, by, sort, order, ...rest } = parsed;
  const free = from !== null && to !== null && from < to ? { from, to } : null;
  const notUnderstood = listNotUnderstood(search, { ...parsed, from: free, to: free });
  return {
    ...rest,
    ...(notUnderstood.length === 0 ? {} : { notUnderstood }),
    range: free ?? range ?? defaultFilter.range,
    by: by ?? defaultFilter.by,
    sort: sort ?? defaultFilter.sort,
    order: order ?? defaultFilter.order,
    page: after ?? before,
  };
}

function parseRange(text: string): ErrorFilter["wider"] {
  const preset = rangePresets.find((one) => one === text);
  if (preset !== undefined) return preset;
  const [from, to] = text.split("_").map(parseUrlMinute);
  return from != null && to != null && from < to ? { from, to } : null;
}

export function parsePage(direction: PageStart["direction"], text: string): PageStart | null {
  const [, count, started, rest = ""] = /^(\d{1,9})\.(\d{12,13})\.(.*)$/s.exec(text) ?? [];
  const key = parseRowKey(rest);
  if (key === null) return null;
  return { direction, key, startedAt: new Date(Number(started)), errorCount: Number(count) };
}

function parseSingle(text: string): ErrorFilter["error"] {
  const [, webhookId, attempt] =
    /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,4})$/.exec(text) ?? [];
  return webhookId === undefined ? null : { webhookId, attempt: Number(attempt) };
}
