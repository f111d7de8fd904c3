import type { NotUnderstood } from "#lib/not-understood.ts";
import type { ErrorFilter } from "#lib/webhook-errors/filter.ts";
import { formatUrlMinute } from "#lib/webhook-errors/row-key.ts";
import { formatStatus } from "#lib/webhook-errors/status-filter.ts";
import type { LogPageStart } from "./list.ts";
import { type AskedOutcome, anyOutcome, type FilterState, type JobPart } from "./schema.ts";

/** Nothing older is kept by default. */
export const logRangePresets = ["1h", "24h", "7d", "30d"] as const;
const defaultRange = "24h";

/** What the address of the Deliveries page says. A copied address shows the same view. */
export type LogFilter = {
  range: ErrorFilter["range"];
  states: readonly FilterState[] | null;
  eventType: string | null;
  /** Both look up what they name, whatever the range. */
  eventId: string | null;
  webhookId: string | null;
  /** Only delivered ones whose answer is doubted. */
  doubtful: boolean;
  /** Only what ended in `[from, to)`, in whole minutes. */
  ended: { from: Date; to: Date } | null;
  /** Only what a redelivery job queued. */
  job: JobPart | null;
  /** Only what ended so. */
  outcome: AskedOutcome;
  /** Only what comes from this user, group or room. */
  sourceId: string | null;
  page: LogPageStart | null;
  /** Null: the viewer's own zone. */
  zone: string | null;
  /** The panel to redeliver all that match is open. */
  redelivers: boolean;
  /** What the address asked beyond that and nobody understood: the view shows more than was asked. Absent: nothing. */
  notUnderstood?: readonly NotUnderstood[];
};

export const defaultLogFilter: LogFilter = {
  range: defaultRange,
  states: null,
  eventType: null,
  eventId: null,
  webhookId: null,
  doubtful: false,
  ended: null,
  job: null,
  outcome: anyOutcome,
  sourceId: null,
  page: null,
  zone: null,
  redelivers: false,
};

/** Takes every filter away; the range stays. */
export const noLogFilters = {
  states: null,
  eventType: null,
  eventId: null,
  webhookId: null,
  doubtful: false,
  ended: null,
  job: null,
  outcome: anyOutcome,
  sourceId: null,
} as const satisfies Partial<LogFilter>;

/** Whether the filter leaves something out of the range. */
export function isLogFiltered(filter: LogFilter): boolean {
  return countLogFilters(filter) > 0;
}

/** How many filters are in force. */
export function countLogFilters(filter: LogFilter): number {
  const { states, eventType, eventId, webhookId, doubtful, ended, job, sourceId } = filter;
  const outcome = Object.values(filter.outcome);
  const parts = [states, eventType, eventId, webhookId, ended, job, sourceId, ...outcome].filter(
    (part) => part !== null,
  );
  return parts.length + (doubtful ? 1 : 0);
}

const root = (channelId: string): string => `/console/channel/${channelId}/statistics/deliveries`;

/** The address of the Deliveries page of a channel, as `logSearch`. */
export function deliveriesHref(
  channelId: string,
  filter: LogFilter = defaultLogFilter,
  change: Partial<LogFilter> = {},
): string {
  return `${root(channelId)}${logSearch(filter, change)}`;
}

/**
 * The address of a webhook's own page; from a list, it knows the way back to that. With an attempt it leads to that one, open and
 * marked.
 */
export function webhookHref(
  channelId: string,
  webhookId: string,
  list?: LogFilter,
  attempt?: number,
): string {
  const back = list === undefined ? "" : logSearch(list, { redelivers: false }).slice(1);
  const search = new URLSearchParams();
  if (back !== "") search.set("list", back);
  if (attempt !== undefined) search.set("attempt", String(attempt));
  const asked = search.toString().replaceAll("+", "%20");
  const anchor = attempt === undefined ? "" : `#${attemptAnchor(attempt)}`;
  return `${root(channelId)}/${webhookId}${asked === "" ? "" : `?${asked}`}${anchor}`;
}

export const attemptAnchor = (attempt: number): string => `attempt-${attempt}`;

/**
 * The address's search part for `filter` with `change` applied: empty, or `?…`, with defaults left out. A change of what is
 * listed begins at the first page again.
 */
export function logSearch(filter: LogFilter, change: Partial<LogFilter> = {}): string {
  const { page: _page, zone: _zone, redelivers: _redelivers, ...listed } = change;
  const begins = Object.keys(listed).length > 0 ? { page: null, redelivers: false } : {};
  const next = { ...filter, ...begins, ...change };
  const search = new URLSearchParams();
  const set = (name: string, value: string | null | false) => {
    if (value !== null && value !== false) search.set(name, value);
  };
  if (typeof next.range === "string") set("range", next.range !== defaultRange && next.range);
  else {
    set("from", formatUrlMinute(next.range.from));
    set("to", formatUrlMinute(next.range.to));
  }
  set("state", next.states?.join(",") ?? null);
  set("type", next.eventType);
  set("id", next.webhookId ?? next.eventId);
  set("answer", next.doubtful && "doubtful");
  set(
    "ended",
    next.ended && `${formatUrlMinute(next.ended.from)}_${formatUrlMinute(next.ended.to)}`,
  );
  set("job", next.job?.id ?? null);
  set("came", next.job?.came ?? null);
  setOutcome(set, next.outcome);
  set("source", next.sourceId);
  if (next.page) set(next.page.direction, next.page.id);
  set("zone", next.zone);
  set("redeliver", next.redelivers && "all");
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

function setOutcome(
  set: (name: string, value: string | null) => void,
  { reason, status, likelyCause, answerFromMs, answerToMs }: AskedOutcome,
): void {
  set("reason", reason);
  set("status", status && formatStatus(status));
  set("cause", likelyCause);
  set("least", answerFromMs === null ? null : String(answerFromMs));
  set("most", answerToMs === null ? null : String(answerToMs));
}
