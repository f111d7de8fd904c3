import { expect, test } from "vitest";
import { visitorOf } from "./visitor.ts";

test("an address that anybody could have written counts only where a proxy vouches for it", () => {
  const headers = new Headers({ "x-forwarded-for": "1.2.3.4, 10.0.0.9", "user-agent": "x" });
  expect(visitorOf(headers, false)).toEqual({ address: null, userAgent: "x" });
  expect(visitorOf(headers, true)).toEqual({ address: "10.0.0.9", userAgent: "x" });
  expect(visitorOf(new Headers(), true)).toEqual({ address: null, userAgent: null });
});
