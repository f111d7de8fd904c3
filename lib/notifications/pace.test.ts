import { describe, expect, test } from "vitest";
import type { Outage } from "./outage.ts";
import { paceNotification } from "./pace.ts";
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
    lastAt: detectedAt,
    reasons: {},
    ...overrides,
  };
}

const approvedAt = new Date(0);
const usual = { approvedAt, hasAudience: true, ceasedSince: null, pausesMs, windowMs: 300_000 };
const pace = (
  outages: Map<string, Outage>,
  one: SettledNotification,
  since: Date | null = approvedAt,
) => paceNotification(outages, one, { ...usual, approvedAt: since });

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
    const rest = outages.get("1")?.tellings.get("error_detected 500")?.heldCount ?? 0;
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
    paceNotification(outages, window(minutes), { ...usual, pausesMs: [0] }),
  );
  expect(verdicts.map(({ untold }) => untold)).toEqual([null, null, null]);
});

describe("a further window of a kind that was told", () => {
  const none = (minutes: number, reasons: Record<string, number>, ceased: Date | null = null) => {
    const errorCount = Object.values(reasons).reduce((sum, count) => sum + count, 0);
    const one = window(minutes, { key: "none", reasons, errorCount });
    return { one, ceasedSince: ceased };
  };
  const told = (...windows: ReturnType<typeof none>[]) => {
    const outages = new Map<string, Outage>();
    return windows.map(
      ({ one, ceasedSince }) =>
        paceNotification(outages, one, { ...usual, ceasedSince }).toldAs ?? "held",
    );
  };
  const at = (minutes: number) => new Date(start + minutes * 60_000);
  const [dropped, refused, late] = [
    "unclassified Session closed unexpectedly",
    "could_not_connect Connection failed",
    "request_timeout Request timeout",
  ] as const;

  test("is told when its errors have another reason, once", () => {
    expect(
      told(
        none(0, { [dropped]: 1 }),
        none(50, { [refused]: 1 }),
        none(55, { [dropped]: 1 }),
        none(60, { [refused]: 1 }),
      ),
    ).toEqual(["first", "reason", "held", "held"]);
  });
  test("is told when a reason beside the known one is three errors and a tenth of them", () => {
    const first = none(0, { [late]: 90 });
    expect(told(first, none(5, { [late]: 90, [refused]: 2 }))).toEqual(["first", "held"]);
    expect(told(first, none(5, { [late]: 90, [refused]: 9 }))).toEqual(["first", "held"]);
    expect(told(first, none(5, { [late]: 90, [refused]: 10 }))).toEqual(["first", "reason"]);
  });
  test("of two reasons at once is not told for the other one being first", () => {
    const both = { [late]: 30, [refused]: 20 };
    expect(told(none(0, both), none(5, both), none(10, { [refused]: 50 }))).toEqual([
      "first",
      "held",
      "held",
    ]);
  });
  test("is told when there are ten times as many as were told, and not again at that rate", () => {
    expect(
      told(
        none(0, { [late]: 4 }),
        none(5, { [late]: 39 }),
        none(10, { [late]: 40 }),
        none(15, { [late]: 40 }),
      ),
    ).toEqual(["first", "held", "rise", "held"]);
  });
  test("is told when a reason that was one in many becomes many", () => {
    const windows = [none(0, { [late]: 40, [refused]: 1 }), none(5, { [late]: 40, [refused]: 12 })];
    expect(told(...windows)).toEqual(["first", "rise"]);
  });
  test("is told when errors too few for one window become ten times as many an hour", () => {
    // One an hour for a day, then one in every window.
    const drip = Array.from({ length: 24 }, (_, hour) => none(hour * 60, { [dropped]: 1 }));
    const more = Array.from({ length: 24 }, (_, index) =>
      none(23 * 60 + 5 * (index + 1), { [dropped]: 1 }),
    );
    const [, ...rest] = told(...drip, ...more);
    expect(rest.slice(0, 23).filter((as) => as !== "held")).toEqual(["reminder", "reminder"]);
    expect(rest.slice(23).filter((as) => as !== "held")).toEqual(["rise", "reminder"]);
    expect(rest.indexOf("rise") - 23).toBeLessThan(12);
  });
  test("is told when deliveries cease, with the same reason and the same rate", () => {
    const windows = [
      none(0, { [late]: 6 }),
      none(5, { [late]: 6 }, at(6)),
      none(10, { [late]: 6 }, at(6)),
    ];
    expect(told(...windows)).toEqual(["first", "ceased", "held"]);
  });
  test("is told as the first once when deliveries had ceased by its end", () => {
    expect(told(none(0, { [late]: 6 }, at(1)), none(5, { [late]: 6 }, at(1)))).toEqual([
      "ceased",
      "held",
    ]);
  });
  test("is not told anew while a bot server goes up and down, but is when it was up for two windows", () => {
    const flapping = [0, 5, 10, 15].map((minutes) => none(minutes, { [late]: 6 }, at(minutes + 1)));
    expect(told(...flapping)).toEqual(["ceased", "held", "held", "held"]);
    const later = none(31, { [late]: 6 }, at(31));
    expect(told(...flapping, later)).toEqual(["ceased", "held", "held", "held", "ceased"]);
  });
});

test("what was held when an outage ended is told with the next of its kind", () => {
  const outages = new Map<string, Outage>();
  for (const minutes of [0, 5, 10]) pace(outages, window(minutes));
  const next = pace(outages, window(200));
  expect(next).toMatchObject({
    toldAs: "first",
    reminder: { since: new Date(start), heldCount: 20 },
  });
});

test("while nobody listens nothing is held for those who will", () => {
  const outages = new Map<string, Outage>();
  const hear = (minutes: number, hasAudience: boolean) =>
    paceNotification(outages, window(minutes), { ...usual, hasAudience });
  expect(hear(0, true).untold).toBeNull();
  expect(hear(5, true).untold).toBe("reminder_pause");
  expect(hear(10, false).untold).toBe("nobody");
  expect(hear(15, true)).toMatchObject({ untold: null, reminder: null });
});

describe("a window below the channel's threshold", () => {
  const outages = () => new Map<string, Outage>();
  const judge = (
    known: Map<string, Outage>,
    one: SettledNotification,
    circumstances: Partial<Parameters<typeof paceNotification>[2]> = {},
  ) => paceNotification(known, one, { ...usual, isBelow: true, ...circumstances });

  test("is told to nobody, and its errors are added to the next one that is", () => {
    const known = outages();
    expect(judge(known, window(0, { errorCount: 3 })).untold).toBe("below_threshold");
    expect(judge(known, window(5, { errorCount: 4 })).untold).toBe("below_threshold");
    expect(judge(known, window(10), { isBelow: false })).toMatchObject({
      ...{ untold: null, toldAs: "first", reminder: { since: null, heldCount: 7 } },
    });
    expect(judge(known, window(15, { errorCount: 5 })).untold).toBe("below_threshold");
    // The pause runs for those above, too, and both are held together.
    expect(judge(known, window(20), { isBelow: false }).untold).toBe("reminder_pause");
    expect(judge(known, window(70), { isBelow: false })).toMatchObject({
      ...{ toldAs: "reminder" },
      reminder: { since: new Date(start + 600_000), heldCount: 15 },
    });
  });

  test("is told whatever its number when deliveries have ceased", () => {
    const known = outages();
    const ceasedSince = new Date(start + 60_000);
    expect(judge(known, window(0, { errorCount: 2 })).untold).toBe("below_threshold");
    expect(judge(known, window(5, { errorCount: 1 }), { ceasedSince })).toMatchObject({
      ...{ untold: null, toldAs: "ceased", reminder: { since: null, heldCount: 2 } },
    });
    // As long as nothing is delivered, reminders come, too.
    const few = { errorCount: 1 };
    expect(judge(known, window(10, few), { ceasedSince }).untold).toBe("reminder_pause");
    expect(judge(known, window(65, few), { ceasedSince })).toMatchObject({ toldAs: "reminder" });
  });

  test("leaves everything but errors as it is", () => {
    const known = outages();
    expect(judge(known, window(0, { type: "redelivery_stopped" })).untold).toBeNull();
    expect(judge(known, window(1, { type: "endpoint_failing", key: "50" })).untold).toBeNull();
    expect(judge(known, window(2, { type: "recovered", key: "recovered" })).untold).toBeNull();
    expect(judge(known, window(3, { type: "certificate_ends", key: "7" })).untold).toBeNull();
    expect(judge(known, window(4, { type: "test", key: "test" })).untold).toBeNull();
  });

  test("is part of its outage: who was told of nothing in it is not told of its end", () => {
    const known = outages();
    const first = judge(known, window(0));
    const recovered = window(10, { type: "recovered", key: "recovered" });
    expect(judge(known, recovered)).toMatchObject({
      ...{ untold: "outage_untold", threadId: first.threadId },
    });
  });

  test("says first that nobody may be told, and then holds nothing", () => {
    const known = outages();
    expect(judge(known, window(0), { approvedAt: null }).untold).toBe("not_approved");
    expect(judge(known, window(5), { hasAudience: false }).untold).toBe("nobody");
    expect(judge(known, window(10), { isMuted: true }).untold).toBe("muted");
    expect(judge(known, window(15), { isBelow: false })).toMatchObject({ reminder: null });
  });

  test("from before an approval is not told after it", () => {
    const known = outages();
    judge(known, window(0));
    judge(known, window(5));
    const approved = new Date(start + 12 * 60_000);
    expect(judge(known, window(15), { approvedAt: approved }).untold).toBe("below_threshold");
    expect(judge(known, window(20), { approvedAt: approved, isBelow: false })).toMatchObject({
      reminder: { since: null, heldCount: 10 },
    });
  });

  test("for years still fits into what counts the held ones", () => {
    const known = outages();
    for (const minutes of [0, 5]) judge(known, window(minutes, { errorCount: 2_000_000_000 }));
    expect(known.get("1")?.tellings.get("error_detected 500")?.heldCount).toBe(2_147_483_647);
  });
});
