import { expect, test } from "vitest";
import { keepFormatters } from "./keep-formatters.ts";

test("the same languages and options give the same formatter, others another", () => {
  const { DateTimeFormat, NumberFormat, PluralRules } = Intl;
  const intl = { DateTimeFormat, NumberFormat, PluralRules };
  keepFormatters(intl);
  const compact = new intl.NumberFormat("en", { notation: "compact" });
  expect(new intl.NumberFormat("en", { notation: "compact" })).toBe(compact);
  expect(new intl.NumberFormat("ja", { notation: "compact" })).not.toBe(compact);
  expect(compact.format(2_418)).toBe("2.4K");
  expect(compact).toBeInstanceOf(intl.NumberFormat);
  expect(intl.DateTimeFormat("en", { timeZone: "UTC" }).format(0)).toBe("1/1/1970");
  expect(intl.DateTimeFormat.supportedLocalesOf(["en"])).toEqual(["en"]);
});

test("a class that extends one makes its own", () => {
  const { DateTimeFormat, NumberFormat, PluralRules } = Intl;
  const intl = { DateTimeFormat, NumberFormat, PluralRules };
  keepFormatters(intl);
  class Own extends intl.NumberFormat {}
  expect(new Own("en")).not.toBe(new Own("en"));
  expect(new Own("en")).toBeInstanceOf(Own);
});
