import { expect, test } from "vitest";
import { auditNotUnderstood, parseAuditSearch } from "./audit/search.ts";
import { channelsNotUnderstood, parseChannelSearch } from "./channels/list-search.ts";
import { parseLogFilter } from "./delivery-log/parse-filter.ts";
import {
  type Given,
  givenBy,
  listNotUnderstood,
  refuseNotUnderstood,
  singleValues,
} from "./not-understood.ts";
import { outboxNotUnderstood, parseOutboxSearch } from "./notifications/outbox-search.ts";
import { parseListSearch, searchNotUnderstood } from "./operations/search.ts";
import { parseErrorFilter } from "./webhook-errors/parse-filter.ts";

const given = (search: string) => givenBy(new URLSearchParams(search));

test("a name that stands there twice has a value only if both say the same", () => {
  expect(singleValues(given("a=1&a=1&b=1&b=2"))).toEqual({ a: "1", b: undefined });
});

test("an empty value asks for nothing, beside another too", () => {
  expect(singleValues(given("a=&b=%20&c=&c=1&c="))).toEqual({ a: undefined, b: undefined, c: "1" });
  expect(listNotUnderstood(given("a=&b=%20&c=&c=x"), { a: null, b: null, c: null })).toEqual([
    { name: "c", value: "x" },
  ]);
});

test.each<[string, (given: Given) => unknown, string]>([
  ["errors", parseErrorFilter, "range from to reason detail status attempt by sort order zone row"],
  ["deliveries", parseLogFilter, "range from to state type id answer job came reason status least"],
  ["channels", (asked) => [parseChannelSearch(asked), channelsNotUnderstood(asked)], "q state"],
  ["audit", (asked) => [parseAuditSearch(asked), auditNotUnderstood(asked)], "action actor from"],
  ["outbox", (asked) => [parseOutboxSearch(asked), outboxNotUnderstood(asked)], "state before"],
  ["operators", (asked) => [parseListSearch(asked), searchNotUnderstood(asked)], "q after"],
])("the list of %s takes empty values for none", (_, parse, names) => {
  for (const name of names.split(" ")) {
    expect(parse(given(`${name}=`)), name).toEqual(parse({}));
    expect(parse(given(`${name}=%20&${name}=`)), name).toEqual(parse({}));
  }
});

test("what was given and came to nothing is listed as it stands there, what is empty or unknown is not", () => {
  const parsed = { a: null, b: null, c: null, d: 1, e: null };
  expect(listNotUnderstood(given("a=x&b=1&b=2&c=&d=1&other=y"), parsed)).toEqual([
    { name: "a", value: "x" },
    { name: "b", value: "1, 2" },
  ]);
  const [long] = listNotUnderstood(given(`a=${"x".repeat(5_000)}`), { a: null });
  expect(long?.value.length).toBeLessThan(100);
});

test("what would be done to more than was asked is refused by name", () => {
  expect(() => refuseNotUnderstood([{ name: "status", value: "6000" }])).toThrow("status=6000");
  expect(() => refuseNotUnderstood([])).not.toThrow();
  expect(() => refuseNotUnderstood(undefined)).not.toThrow();
});
