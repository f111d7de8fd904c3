import { expect, test } from "vitest";
import { guardMutation } from "./origin.ts";

const own = "https://console.example.com";
const guard = (headers: Record<string, string>) => () => guardMutation(new Headers(headers), own);

test("a change from the console's own page passes", () => {
  expect(guard({ "sec-fetch-site": "same-origin" })).not.toThrow();
  expect(guard({ origin: own })).not.toThrow();
});

test("a change from elsewhere, or from nowhere, is refused", () => {
  expect(guard({ "sec-fetch-site": "cross-site", origin: own })).toThrow("another site");
  expect(guard({ "sec-fetch-site": "same-site" })).toThrow("another site");
  expect(guard({ "sec-fetch-site": "none" })).toThrow("another site");
  expect(guard({ origin: "null" })).toThrow("another site");
  expect(guard({ origin: `${own}.evil.example` })).toThrow("another site");
  expect(guard({})).toThrow("another site");
});
