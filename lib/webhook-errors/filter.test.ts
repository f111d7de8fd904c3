import fc from "fast-check";
import { expect, test } from "vitest";
import { givenBy } from "#lib/not-understood.ts";
import { errorReasons } from "#lib/transport/error-class.ts";
import { defaultFilter, type ErrorFilter, errorSearch, rangePresets } from "./filter.ts";
import { parseErrorFilter } from "./parse-filter.ts";
import { isDetail } from "./row-key.ts";

const read = (search: string): ErrorFilter =>
  parseErrorFilter(givenBy(new URLSearchParams(search)));

const minute = fc
  .date({
    min: new Date("2000-01-01T00:00Z"),
    max: new Date("2099-12-31T00:00Z"),
    noInvalidDate: true,
  })
  .map((at) => new Date(Math.floor(at.getTime() / 60_000) * 60_000));
const detail = fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }).filter(isDetail);
const key = fc.record({ minute, reason: fc.constantFrom(...errorReasons), detail });
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const range: fc.Arbitrary<ErrorFilter["range"]> = fc.oneof(
  fc.constantFrom(...rangePresets),
  fc
    .tuple(minute, minute)
    .filter(([a, b]) => a < b)
    .map(([from, to]) => ({ from, to })),
);

const filters: fc.Arbitrary<ErrorFilter> = fc.record({
  range,
  wider: orNull(range),
  reason: orNull(fc.constantFrom(...errorReasons)),
  detail: orNull(detail),
  status: orNull(
    fc.oneof(
      fc.integer({ min: 100, max: 999 }).map((code) => ({ from: code, to: code })),
      fc.integer({ min: 1, max: 5 }).map((first) => ({ from: first * 100, to: first * 100 + 99 })),
    ),
  ),
  attempt: orNull(fc.constantFrom("first", "redelivery")),
  by: fc.constantFrom("reason", "detail"),
  sort: fc.constantFrom("date", "errors"),
  order: fc.constantFrom("desc", "asc"),
  page: orNull(
    fc.record({
      direction: fc.constantFrom("after", "before"),
      key,
      startedAt: minute,
      errorCount: fc.nat({ max: 1_000_000 }),
    }),
  ),
  zone: orNull(fc.constantFrom("UTC", "Asia/Tokyo", "America/New_York")),
  row: orNull(key),
  error: orNull(fc.record({ webhookId: fc.uuid(), attempt: fc.integer({ min: 1, max: 99 }) })),
});

test("an address shows the same view as the one it was copied from", () => {
  fc.assert(
    fc.property(filters, (filter) => {
      expect(read(errorSearch(defaultFilter, filter))).toEqual(filter);
    }),
  );
});

test("whatever stands in the address, a filter comes of it", () => {
  const names = Object.keys(
    Object.fromEntries(
      new URLSearchParams(
        "range&from&to&reason&detail&status&attempt&by&sort&order&after&before&zone&row&error&wider",
      ),
    ),
  );
  const value = fc.oneof(
    fc.string(),
    fc.array(fc.string()),
    fc.constant(undefined),
    fc.constant("2026-02-31T00:00Z"),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), value), (search) => {
      const filter = parseErrorFilter(search);
      expect(() => errorSearch(filter)).not.toThrow();
    }),
  );
});

test.each([
  ["range=12h", ["range"]],
  ["from=2026-11-22T00:00Z", ["from"]],
  ["from=2026-11-22T02:00Z&to=2026-11-22T01:00Z", ["from", "to"]],
  ["from=2026-02-31T00:00Z&to=2026-03-02T00:00Z", ["from", "to"]],
  ["from=tomorrow&to=9999-99-99T00:00Z", ["from", "to"]],
  ["reason=not_a_reason", ["reason"]],
  ["status=6xx", ["status"]],
  ["status=99", ["status"]],
  ["status=503&status=504", ["status"]],
  ["attempt=third&by=weather&wider=1y", ["attempt", "by", "wider"]],
  ["zone=Mars/Olympus", ["zone"]],
  ["zone=%2B09:00", ["zone"]],
  ["detail=a%00b", ["detail"]],
  ["after=12.1700000000000.2026-11-22T00:00Z.nothing.x", ["after"]],
  ["row=2026-11-22T00:00Z", ["row"]],
  ["error=1;drop table.1", ["error"]],
  ["sort=channel_id&order=sideways", ["order", "sort"]],
])("the hand-edited %s falls back to the default, and is named", (search, names) => {
  const { notUnderstood, ...filter } = read(search);
  expect(filter).toEqual(defaultFilter);
  expect(notUnderstood?.map(({ name }) => name).sort()).toEqual([...names].sort());
  expect(read(errorSearch(read(search)))).toEqual(defaultFilter);
});

test("a change of what is listed begins at the first page with nothing open", () => {
  const at = {
    minute: new Date("2026-11-22T00:00Z"),
    reason: "unclassified",
    detail: "x",
  } as const;
  const deep: ErrorFilter = {
    ...defaultFilter,
    row: at,
    page: { direction: "after", key: at, startedAt: at.minute, errorCount: 3 },
  };
  expect(read(errorSearch(deep, { reason: "request_timeout" }))).toEqual({
    ...defaultFilter,
    reason: "request_timeout",
  });
  expect(read(errorSearch(deep, { row: null }))).toEqual({ ...deep, row: null });
});

test("the plain view has a plain address", () => {
  expect(errorSearch(defaultFilter)).toBe("");
});

test("another range has no way back to the one before; other changes keep it", () => {
  const zoomed = { ...defaultFilter, wider: "7d" } as const;
  expect(errorSearch(zoomed, { reason: "request_timeout" })).toContain("wider=7d");
  expect(errorSearch(zoomed, { range: "1h" })).toBe("?range=1h");
});
