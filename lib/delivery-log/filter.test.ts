import { expect, test } from "vitest";
import { givenBy } from "#lib/not-understood.ts";
import { newWebhookId } from "#lib/webhooks/webhook-id.ts";
import {
  countLogFilters,
  defaultLogFilter,
  isLogFiltered,
  type LogFilter,
  logSearch,
  noLogFilters,
} from "./filter.ts";
import { parseLogFilter } from "./parse-filter.ts";
import { anyOutcome } from "./schema.ts";

const parse = (search: string): LogFilter => parseLogFilter(givenBy(new URLSearchParams(search)));

const webhookId = newWebhookId(new Date("2026-11-22T01:41:07.123Z"));
const eventId = "01JD8P7QZ0ABCDEFGHJKMNPQRS";

test.each<[string, Partial<LogFilter>]>([
  ["nothing", {}],
  ["a preset", { range: "7d" }],
  [
    "a free range",
    { range: { from: new Date("2026-11-20T00:00Z"), to: new Date("2026-11-21T12:30Z") } },
  ],
  ["states", { states: ["failed", "stopped"] }],
  ["an event type", { eventType: "message" }],
  ["doubtful answers", { doubtful: true }],
  ["an event id", { eventId }],
  ["a group", { sourceId: "C0123456789abcdef0123456789abcdef" }],
  [
    "how it ended",
    {
      outcome: {
        reason: "error_status_code",
        status: { from: 500, to: 599 },
        likelyCause: "maintenance",
        answerFromMs: 1_500,
        answerToMs: 2_000,
      },
    },
  ],
  ["no answer", { outcome: { ...anyOutcome, status: "none" } }],
  ["a webhook id", { webhookId }],
  ["a page", { page: { direction: "before", id: webhookId } }],
  ["a zone and the open panel", { zone: "Europe/Berlin", redelivers: true }],
])("what an address says is what it was made of: %s", (_what, change) => {
  const filter = { ...defaultLogFilter, ...change };
  expect(parse(logSearch(filter))).toEqual(filter);
});

test("a change of what is listed begins at the first page again; another zone stays where one is", () => {
  const filter: LogFilter = {
    ...defaultLogFilter,
    page: { direction: "after", id: webhookId },
    redelivers: true,
  };
  expect(parse(logSearch(filter, { eventType: "follow" }))).toMatchObject({
    page: null,
    redelivers: false,
  });
  expect(parse(logSearch(filter, { zone: "UTC" })).page).toEqual(filter.page);
});

test("when it ended, and what a job queued, stand in the address", () => {
  const filter: LogFilter = {
    ...defaultLogFilter,
    ended: { from: new Date("2026-11-22T01:41:00Z"), to: new Date("2026-11-22T01:47:00Z") },
    job: { id: "0198a1b2-0000-7000-8000-000000000001", came: "failed" },
  };
  expect(parse(logSearch(filter))).toEqual(filter);
  expect(
    parse(logSearch({ ...filter, job: { id: filter.job?.id ?? "", came: null } })).job?.came,
  ).toBeNull();
  expect(countLogFilters(filter)).toBe(2);
  expect(isLogFiltered({ ...filter, ...noLogFilters })).toBe(false);
});

test.each([
  ["ended=2026-11-22T01:47Z_2026-11-22T01:41Z&job=1&came=failed", ["ended", "job", "came"]],
  ["ended=yesterday&job=%00", ["ended", "job"]],
  ["came=failed", ["came"]],
  ["job=0198a1b2-0000-7000-8000-000000000001&came=well", ["came"]],
  [
    "range=forever&state=lost&type=%00&id=1&after=x&before=y&zone=Mars&redeliver=some&answer=odd",
    ["range", "state", "type", "id", "answer", "after", "before", "zone", "redeliver"],
  ],
  ["from=2026-11-22&to=2026-11-20", ["from", "to"]],
  ["from=2026-11-22T00:00Z", ["from"]],
  ["from=2026-11-22T00:00Z&to=2026-11-21T00:00Z", ["from", "to"]],
  ["id=ffffffff-ffff-7fff-bfff-ffffffffffff", ["id"]],
  ["after=ffffffff-ffff-7fff-bfff-ffffffffffff", ["after"]],
  ["type=%27%3B+drop+table+webhooks", ["type"]],
  [
    "reason=odd&status=6000&cause=weather&least=soon&most=-1&source=%27",
    ["reason", "status", "cause", "least", "most", "source"],
  ],
  // Of what is half understood nobody knows what was meant.
  ["state=failed,lost", ["state"]],
  ["status=503&status=504", ["status"]],
])("a hand-edited address shows more, and names what was left out: %s", (search, names) => {
  const { notUnderstood, ...filter } = parse(search);
  expect({ ...filter, job: null }).toEqual(defaultLogFilter);
  expect(notUnderstood?.map(({ name }) => name).sort()).toEqual([...names].sort());
  // Every way on from there is one that is understood.
  expect(parse(logSearch(parse(search))).notUnderstood).toBeUndefined();
});

test.each([
  "state=delivered,failed,stopped,cancelled,not_sent,waiting",
  "state=&type=&id=&range=&source=",
  "utm_source=mail&state",
])(
  "an address that asks for nothing shows the default page, and all of it is understood: %s",
  (search) => {
    expect(parse(search)).toEqual(defaultLogFilter);
  },
);

test("ids are read in either case and with spaces around them, as they are pasted", () => {
  expect(parse(`id=+${eventId.toLowerCase()}+`)).toMatchObject({ eventId, webhookId: null });
  expect(parse(`id=${webhookId.toUpperCase()}`)).toMatchObject({ eventId: null, webhookId });
});

test("each filter counts once, and taking all away leaves none", () => {
  const filter: LogFilter = { ...defaultLogFilter, states: ["failed", "stopped"], doubtful: true };
  expect(countLogFilters(filter)).toBe(2);
  expect(isLogFiltered(filter)).toBe(true);
  expect(isLogFiltered({ ...filter, ...noLogFilters })).toBe(false);
});
