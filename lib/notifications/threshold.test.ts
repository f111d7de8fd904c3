import { describe, expect, test } from "vitest";
import { isBelow, lengthOf, thresholdKinds, thresholdMax } from "./threshold.ts";
import { ThresholdForm } from "./threshold-form.ts";

const measured = (errorCount: number, lengthMs = 300_000, attemptCount: number | null = null) => ({
  ...{ errorCount, lengthMs, attemptCount },
});

describe("who has exactly as many as the threshold is told", () => {
  test("of errors", () => {
    expect(isBelow({ kind: "count", value: 10 }, measured(9))).toBe(true);
    expect(isBelow({ kind: "count", value: 10 }, measured(10))).toBe(false);
    expect(isBelow({ kind: "count", value: 1 }, measured(1))).toBe(false);
  });

  test("of errors a minute, by the window's own length", () => {
    const rate = { kind: "rate", value: 2 } as const;
    expect(isBelow(rate, measured(9))).toBe(true);
    expect(isBelow(rate, measured(10))).toBe(false);
    // Cut short after 30 seconds: one error is two a minute.
    expect(isBelow(rate, measured(1, 30_000))).toBe(false);
    expect(isBelow(rate, measured(1, 30_001))).toBe(true);
  });

  test("of the attempts", () => {
    const share = { kind: "share", value: 3 } as const;
    expect(isBelow(share, measured(3, 300_000, 100))).toBe(false);
    expect(isBelow(share, measured(3, 300_000, 101))).toBe(true);
    // 0.29 * 100 is not 29 in floating point.
    expect(isBelow({ kind: "share", value: 29 }, measured(29, 300_000, 100))).toBe(false);
    expect(isBelow({ kind: "share", value: 100 }, measured(7, 300_000, 7))).toBe(false);
  });

  test("of attempts that were not counted nobody says that they are too few", () => {
    expect(isBelow({ kind: "share", value: 100 }, measured(1))).toBe(false);
  });
});

describe("the form", () => {
  const form = (fields: object) => ThresholdForm.safeParse({ channelId: "1", ...fields });

  test("takes the number of the choice, whatever stands in the others", () => {
    expect(form({ kind: "every", count: "9" }).data?.threshold).toBeNull();
    expect(form({ kind: "rate", count: "9", rate: " 4 ", share: "x" }).data?.threshold).toEqual({
      ...{ kind: "rate", value: 4 },
    });
  });

  test.each(thresholdKinds)("refuses what is no whole number within its bounds: %s", (kind) => {
    const max = thresholdMax[kind];
    for (const text of ["0", "-1", "1.5", "1e1", "ten", String(max + 1), "9".repeat(400)]) {
      const [issue] = form({ kind, [kind]: text }).error?.issues ?? [];
      expect([text, issue]).toMatchObject([
        text,
        { path: [kind], message: "whole_number", maximum: max },
      ]);
    }
    expect(form({ kind, [kind]: "" }).error?.issues[0]).toMatchObject({ message: "required" });
    expect(form({ kind }).error?.issues[0]).toMatchObject({ message: "required" });
    expect(form({ kind, [kind]: String(max) }).success).toBe(true);
    expect(form({ kind, [kind]: "1" }).success).toBe(true);
  });

  test("refuses a choice that there is not", () => {
    expect(form({ kind: "none" }).success).toBe(false);
    expect(form({}).success).toBe(false);
  });
});

test("a length of time is said in whole minutes, or else in seconds", () => {
  expect(lengthOf(300_000)).toEqual({ length: 5, unit: "minutes" });
  expect(lengthOf(90_000)).toEqual({ length: 90, unit: "seconds" });
});
