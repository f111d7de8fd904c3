import { describe, expect, test } from "vitest";
import { type Outage, paceNotification } from "./pace.ts";
import type { SettledNotification } from "./schema.ts";

const hourMs = 3_600_000;
const start = Date.parse("2026-11-22T01:00:00Z");
const pausesMs = [hourMs, 6 * hourMs, 24 * hourMs];
let serial = 0;

function window(
  minutes: number,
  overrides: Partial<SettledNotification> = {},
): SettledNotification {
  serial += 1;
  const detectedAt = new Date(start + minutes * 60_000);
  return {
    id: `notification-${serial}`,
    channelId: "1",
    type: "error_detected",
    key: "500",
    detectedAt,
    closedAt: new Date(detectedAt.getTime() + 300_000),
    reason: "error_status_code",
    detail: "500",
    errorCount: 10,
    ...overrides,
  };
}

const approvedAt = new Date(0);
const pace = (
  outages: Map<string, Outage>,
  one: SettledNotification,
  since: Date | null = approvedAt,
) => paceNotification(outages, one, { approvedAt: since, pausesMs });

describe("an outage of three days, a window every five minutes", () => {
  const outages = new Map<string, Outage>();
  const told: { hours: number; held: number | null }[] = [];
  let errors = 0;
  for (let minutes = 0; minutes < 72 * 60; minutes += 5) {
    const { untold, reminder } = pace(outages, window(minutes));
    errors += 10;
    if (untold === null) told.push({ hours: minutes / 60, held: reminder?.heldCount ?? null });
  }
  test("is told at once, after 1 h, 6 h later and then daily", () => {
    expect(told.map(({ hours }) => hours)).toEqual([0, 1, 7, 31, 55]);
  });
  test("loses no error: each is in a window that was told, or among those a reminder names", () => {
    const rest = outages.get("1")?.before.get("error_detected 500")?.heldCount ?? 0;
    const named = told.reduce((sum, { held }) => sum + 10 + (held ?? 0), 0);
    expect(named + rest).toBe(errors);
    expect(told[0]?.held).toBeNull();
  });
});

test("another status code, no status code, and stopped redelivery are told of at once", () => {
  const outages = new Map<string, Outage>();
  const kinds = [{}, { key: "503" }, { key: "none" }, { type: "redelivery_stopped" as const }];
  expect(kinds.map((kind) => pace(outages, window(0, kind)).untold)).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(kinds.map((kind) => pace(outages, window(5, kind)).untold)).toEqual(
    kinds.map(() => "reminder_pause"),
  );
});

test("an hour of quiet, or a recovery that was told, ends the outage: the next error is told at once", () => {
  const outages = new Map<string, Outage>();
  const first = pace(outages, window(0));
  const afterQuiet = pace(outages, window(66));
  expect(afterQuiet).toMatchObject({ untold: null, reminder: null });
  expect(afterQuiet.threadId).not.toBe(first.threadId);
  const recovered = pace(outages, window(75, { type: "recovered", key: "recovered" }));
  expect(recovered).toMatchObject({ untold: null, threadId: afterQuiet.threadId });
  expect(pace(outages, window(81))).toMatchObject({ untold: null, reminder: null });
});

test("a recovery is told only to those who were told of the outage", () => {
  const recovery = window(20, { type: "recovered", key: "recovered" });
  expect(pace(new Map(), recovery).untold).toBe("outage_untold");
  const outages = new Map<string, Outage>();
  pace(outages, window(0), null);
  expect(pace(outages, recovery).untold).toBe("outage_untold");
});

test("without the function nobody is told; approval tells of what begins after it, not of the past", () => {
  const outages = new Map<string, Outage>();
  expect(pace(outages, window(0), null).untold).toBe("not_approved");
  const approved = new Date(start + 7 * 60_000);
  expect(pace(outages, window(5), approved).untold).toBe("before_approval");
  expect(pace(outages, window(10), approved)).toMatchObject({ untold: null, reminder: null });
  expect(pace(outages, window(15), null).untold).toBe("not_approved");
});

test("with a pause of nothing every window is told, as on the platform", () => {
  const outages = new Map<string, Outage>();
  const verdicts = [0, 5, 10].map((minutes) =>
    paceNotification(outages, window(minutes), { approvedAt, pausesMs: [0] }),
  );
  expect(verdicts.map(({ untold }) => untold)).toEqual([null, null, null]);
});
