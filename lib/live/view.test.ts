import { expect, test } from "vitest";
import { defaultFilter, type ErrorFilter } from "#lib/webhook-errors/filter.ts";
import { parseErrorFilter } from "#lib/webhook-errors/parse-filter.ts";
import { figuresHref, viewKey } from "./view.ts";

const row = {
  minute: new Date("2026-11-22T01:41Z"),
  reason: "request_timeout",
  detail: "-",
} as const;
const filter: ErrorFilter = { ...defaultFilter, reason: "request_timeout", range: "7d" };
const key = (change: Partial<ErrorFilter>, timeZone = "Asia/Tokyo", channelId = "1") =>
  viewKey(channelId, { filter: { ...filter, ...change }, timeZone });

test("what is open, and a zone that is the viewer's own, make no view of their own", () => {
  const wider = { from: new Date(0), to: new Date(60_000) };
  const error = { webhookId: "x", attempt: 1 };
  expect(key({ row, error, wider, zone: "Asia/Tokyo" })).toBe(key({}));
});

test.each<[string, string]>([
  ["channel", key({}, "Asia/Tokyo", "2")],
  ["zone", key({}, "UTC")],
  ["range", key({ range: "24h" })],
  ["reason", key({ reason: null })],
  ["detail", key({ detail: "Unknown host" })],
  ["attempt", key({ attempt: "first" })],
  ["split", key({ by: "detail" })],
  ["order", key({ order: "asc" })],
  ["page", key({ page: { direction: "after", key: row, startedAt: new Date(0), errorCount: 1 } })],
])("another %s is another view", (_name, other) => {
  expect(other).not.toBe(key({}));
});

test("the stream's address says the view", () => {
  const asked = { ...filter, row, detail: "503 & more" };
  const { searchParams } = new URL(
    figuresHref("1", { filter: asked, timeZone: "Europe/Paris" }),
    "http://console",
  );
  const { topic, figures, ...given } = Object.fromEntries(searchParams);
  expect({ topic, figures }).toEqual({ topic: "errors", figures: "1" });
  expect(parseErrorFilter(given)).toEqual({ ...asked, row: null, zone: "Europe/Paris" });
});
