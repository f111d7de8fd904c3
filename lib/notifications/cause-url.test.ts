import { expect, test } from "vitest";
import { causeUrlFor, type Led } from "./cause-url.ts";

const led: Led = {
  type: "error_detected",
  channelId: "1657203944",
  detectedAt: new Date("2026-11-22T01:41:07Z"),
  closedAt: new Date("2026-11-22T01:46:07Z"),
  statusCode: 503,
  isCounted: true,
};
const root = "https://console.example.com/console/channel/1657203944/statistics";

/** Path and search, readable. */
const address = (change: Partial<Led>) =>
  decodeURIComponent(causeUrlFor("https://console.example.com", { ...led, ...change })).replace(
    root,
    "",
  );

test("a notification leads to its own errors: those with its status code, or those without one", () => {
  expect(address({})).toBe("/errors?from=2026-11-22T01:41Z&to=2026-11-22T01:47Z&status=503");
  expect(address({ statusCode: null })).toBe(
    "/errors?from=2026-11-22T01:41Z&to=2026-11-22T01:47Z&status=none",
  );
});

test("what tells of no window leads to all errors of its time", () => {
  for (const type of ["endpoint_failing", "recovered"] as const) {
    expect(address({ type, statusCode: null })).toBe(
      "/errors?from=2026-11-22T01:41Z&to=2026-11-22T01:47Z",
    );
  }
});

test("stopped redeliveries lead to the webhooks that were stopped then, whenever they had been accepted", () => {
  expect(address({ type: "redelivery_stopped" })).toBe(
    "/deliveries?from=2026-11-21T01:41Z&to=2026-11-22T01:47Z&state=stopped&ended=2026-11-22T01:41Z_2026-11-22T01:47Z",
  );
});

test("while errors are not counted, the log of deliveries shows what failed", () => {
  expect(address({ isCounted: false })).toBe(
    "/deliveries?from=2026-11-21T01:41Z&to=2026-11-22T01:47Z&state=waiting,failed,stopped,cancelled",
  );
});
