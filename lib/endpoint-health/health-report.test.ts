import { expect, test } from "vitest";
import { channelRoles } from "#lib/members/schema.ts";
import { healthReport } from "./health-report.ts";
import type { EndpointHealth } from "./schema.ts";

const hour = 3_600_000;
const start = Date.parse("2026-11-22T01:00:00Z");
const after = (hours: number) => new Date(start + hours * hour);
const policy = { limitMs: 72 * hour, suspends: true };
const outage = {
  since: after(0),
  lastFailureAt: after(50),
  failedCount: 12,
  reason: "request_timeout",
  detail: "Request timeout",
} as const;
const failing: EndpointHealth = { state: "failing", ...outage };
const suspended: EndpointHealth = { state: "suspended", suspendedAt: after(72), ...outage };
const report = (health: EndpointHealth, role: (typeof channelRoles)[number] = "admin", now = 50) =>
  healthReport(health, role, { policy, now: after(now), isShownFailing: false });

test("only an Admin is offered to resume, a Member is told, a Tester sees nothing", () => {
  expect(channelRoles.map((role) => [role, report(suspended, role)])).toEqual([
    ["admin", expect.objectContaining({ kind: "suspended", canResume: true })],
    ["member", expect.objectContaining({ kind: "suspended", canResume: false })],
    ["tester", null],
  ]);
  expect(report(failing, "tester")).toBeNull();
  const recovered = { since: after(0), recoveredAt: after(49), failedCount: 3 };
  expect(report({ state: "delivering", recovered }, "tester")).toBeNull();
});

test("a failing bot server is told of from half of the limit on, by its failures and not by the clock", () => {
  expect(report({ ...failing, lastFailureAt: after(35.9) }, "admin", 71)).toBeNull();
  expect(report({ ...failing, lastFailureAt: after(36) })).toMatchObject({
    kind: "failing",
    percent: 50,
    limitAt: after(72),
    suspends: true,
  });
  expect(report({ ...failing, lastFailureAt: after(200) })).toMatchObject({ percent: 100 });
});

test("a recovery is told for a day", () => {
  const recovered = { since: after(0), recoveredAt: after(49), failedCount: 3 };
  expect(report({ state: "delivering", recovered }, "member", 72.9)).toEqual({
    kind: "recovered",
    ...recovered,
  });
  expect(report({ state: "delivering", recovered }, "member", 73)).toBeNull();
  expect(report({ state: "delivering", recovered: null })).toBeNull();
  const isStill = { policy, now: after(50), isShownFailing: true };
  expect(healthReport({ state: "delivering", recovered }, "member", isStill)).toBeNull();
});
