import { expect, test } from "vitest";
import { visitorOf } from "./visitor.ts";

test("an address counts only where it stands in the header that can be believed", () => {
  const headers = new Headers({ "x-forwarded-for": "1.2.3.4, 10.0.0.9", "user-agent": "x" });
  expect(visitorOf(headers, null)).toEqual({ address: null, userAgent: "x" });
  expect(visitorOf(headers, "x-peer-1f")).toEqual({ address: null, userAgent: "x" });
  expect(visitorOf(headers, "x-forwarded-for")).toEqual({ address: "10.0.0.9", userAgent: "x" });
  expect(visitorOf(new Headers(), "x-forwarded-for")).toEqual({ address: null, userAgent: null });
  const direct = new Headers({ "x-peer-1f": "192.0.2.7" });
  expect(visitorOf(direct, "x-peer-1f")).toEqual({ address: "192.0.2.7", userAgent: null });
  const mapped = new Headers({ "x-peer-1f": "::ffff:192.0.2.7" });
  expect(visitorOf(mapped, "x-peer-1f")).toEqual({ address: "192.0.2.7", userAgent: null });
});
