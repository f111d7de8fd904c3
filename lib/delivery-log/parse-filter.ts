import { validate as isUuid } from "uuid";
import { z } from "zod";
import { likelyCauses } from "#lib/causes/schema.ts";
import { type Given, listNotUnderstood, singleValues } from "#lib/not-understood.ts";
import { isSourceId } from "#lib/queue/sources.ts";
import { canonicalZone } from "#lib/time/zones.ts";
import { errorReasons } from "#lib/transport/error-class.ts";
import { parseUrlMinute } from "#lib/webhook-errors/row-key.ts";
import { parseStatus } from "#lib/webhook-errors/status-filter.ts";
import { isEventId } from "./events.ts";
import { defaultLogFilter, type LogFilter, logRangePresets } from "./filter.ts";
import type { LogPageStart } from "./list.ts";
import { filterStates, jobOutcomes } from "./schema.ts";

// Apart from filter.ts, so that the browser, which only makes addresses, does not get the validator.

/** A value that is null when the text does not parse: a hand-edited address shows a page, never an error. */
const lenient = <T>(parse: (text: string) => T | null) =>
  z.string().transform(parse).nullable().catch(null).default(null);

const LogSearch = z.object({
  range: z.enum(logRangePresets).nullable().catch(null).default(null),
  from: lenient(parseUrlMinute),
  to: lenient(parseUrlMinute),
  state: lenient(parseStates),
  type: lenient((text) => (isEventType(text) ? text : null)),
  id: lenient(parseId),
  answer: lenient((text) => (text === "doubtful" ? true : null)),
  ended: lenient(parseStretch),
  job: lenient((text) => (isUuid(text) ? text.toLowerCase() : null)),
  came: z.enum(jobOutcomes).nullable().catch(null).default(null),
  reason: z.enum(errorReasons).nullable().catch(null).default(null),
  status: lenient(parseStatus),
  cause: z.enum(likelyCauses).nullable().catch(null).default(null),
  least: lenient(parseAnswerMs),
  most: lenient(parseAnswerMs),
  source: lenient((text) => (isSourceId(text.trim()) ? text.trim() : null)),
  after: lenient((text) => parsePage("after", text)),
  before: lenient((text) => parsePage("before", text)),
  zone: lenient(canonicalZone),
  redeliver: lenient((text) => (text === "all" ? true : null)),
});

/** Reads the filter out of an address. Whatever is missing or wrong falls back to its default; what is wrong is named. */
export function parseLogFilter(search: Given): LogFilter {
  const parsed = LogSearch.parse(singleValues(search));
  const { range, from, to, state, type, id, answer, ended, job, came, after, before, zone } =
    parsed;
  const free = from !== null && to !== null && from < to ? { from, to } : null;
  const notUnderstood = listNotUnderstood(search, {
    ...parsed,
    from: free,
    to: free,
    came: job && came,
  });
  return {
    range: free ?? range ?? defaultLogFilter.range,
    states: state?.length === filterStates.length ? null : state,
    eventType: type,
    ...(id ?? { webhookId: null, eventId: null }),
    doubtful: answer ?? false,
    ended,
    job: job === null ? null : { id: job, came },
    outcome: {
      reason: parsed.reason,
      status: parsed.status,
      likelyCause: parsed.cause,
      answerFromMs: parsed.least,
      answerToMs: parsed.most,
    },
    sourceId: parsed.source,
    page: after ?? before,
    zone,
    redelivers: parsed.redeliver ?? false,
    ...(notUnderstood.length === 0 ? {} : { notUnderstood }),
  };
}

const webhookIdForm = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A webhook's id is a UUIDv7: its time is within what dates can say. */
export function isWebhookId(text: string): boolean {
  return webhookIdForm.test(text) && text < "0e";
}

/** An id is a webhook's or an event's; which, its form tells. */
function parseId(text: string): Pick<LogFilter, "webhookId" | "eventId"> | null {
  const [lower, upper] = [text.trim().toLowerCase(), text.trim().toUpperCase()];
  if (isWebhookId(lower)) return { webhookId: lower, eventId: null };
  return isEventId(upper) ? { webhookId: null, eventId: upper } : null;
}

function parseStates(text: string): LogFilter["states"] {
  const named = new Set(text.split(",").filter((name) => name !== ""));
  const states = filterStates.filter((state) => named.has(state));
  return states.length === 0 || states.length < named.size ? null : states;
}

function parseStretch(text: string): LogFilter["ended"] {
  const [from, to] = text.split("_").map(parseUrlMinute);
  return from != null && to != null && from < to ? { from, to } : null;
}

/** Longer than any attempt may take. */
const answerMsMax = 60_000;

function parseAnswerMs(text: string): number | null {
  return /^\d{1,5}$/.test(text) ? Math.min(Number(text), answerMsMax) : null;
}

const isEventType = (text: string): boolean => /^[\w.:-]{1,64}$/.test(text);

const parsePage = (direction: LogPageStart["direction"], id: string): LogPageStart | null =>
  isWebhookId(id) ? { direction, id } : null;
