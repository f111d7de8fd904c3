import fc from "fast-check";
import { describe, test } from "vitest";
import { placeFailures, type Span } from "./place-failures.ts";
import type { NotableFailure } from "./schema.ts";

const windowMs = 300_000;

const failureAt = (at: number, detail = "500"): NotableFailure => ({
  channelId: "1000000001",
  type: "error_detected",
  statusCode: 500,
  reason: "error_status_code",
  detail,
  occurredAt: new Date(at),
  errorCount: 1,
});

function place(spans: Span[], ...times: number[]): Span[] {
  let made = 0;
  placeFailures(
    spans,
    times.map((at) => failureAt(at, String(at))),
    windowMs,
    () => `span-${spans.length}-${++made}`,
  );
  return spans.sort((a, b) => a.openedAt - b.openedAt);
}

const counts = (spans: readonly Span[]) =>
  spans.map((span) => [span.openedAt, span.closesAt, span.errorCount]);

describe("a window", () => {
  test("covers 300 s from its first failure, the end excluded", ({ expect }) => {
    const spans = place([], 1_000, 300_999, 301_000);
    expect(counts(spans)).toEqual([
      [1_000, 301_000, 2],
      [301_000, 601_000, 1],
    ]);
    expect(spans.map((span) => span.open)).toEqual([false, true]);
  });

  test("starts earlier, and names the earlier failure, when one from before its start comes late", ({
    expect,
  }) => {
    const spans = place(place([], 10_000), 9_500);
    expect(counts(spans)).toEqual([[9_500, 309_500, 2]]);
    expect(spans[0]?.detail).toBe("9500");
  });

  test("that is closed still takes a failure that happened in it", ({ expect }) => {
    const spans = place(place([], 0, 300_000), 299_999);
    expect(counts(spans)).toEqual([
      [0, 300_000, 2],
      [300_000, 600_000, 1],
    ]);
  });

  test("far ahead does not take a failure of long before: that one gets a closed one of its own", ({
    expect,
  }) => {
    const spans = place(place([], 1_000_000), 1_000);
    expect(counts(spans)).toEqual([
      [1_000, 301_000, 1],
      [1_000_000, 1_300_000, 1],
    ]);
    expect(spans.map((span) => span.open)).toEqual([false, true]);
  });
});

/** The definition, written down plainly: take the first, count what falls within 300 s of it, go on after that. */
function countByDefinition(times: readonly number[]): number[][] {
  const result: number[][] = [];
  for (const at of times.toSorted((a, b) => a - b)) {
    const last = result.at(-1);
    if (last !== undefined && at < (last[1] ?? 0)) last[2] = (last[2] ?? 0) + 1;
    else result.push([at, at + windowMs, 1]);
  }
  return result;
}

test("failures in the order in which they happened are counted by the definition, however they come in batches", ({
  expect,
}) => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 8 }), { maxLength: 8 }),
      (gaps) => {
        let at = 0;
        const batches = gaps.map((batch) =>
          batch.map((gap) => {
            at += gap;
            return at;
          }),
        );
        const spans: Span[] = [];
        for (const batch of batches) place(spans, ...batch);
        expect(counts(spans)).toEqual(countByDefinition(batches.flat()));
      },
    ),
  );
});

test("no failure is lost or counted twice, in whatever order they come", ({ expect }) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2_000_000 }), { maxLength: 60 }), (times) => {
      const spans: Span[] = [];
      for (const at of times) place(spans, at);
      expect(spans.reduce((sum, span) => sum + span.errorCount, 0)).toBe(times.length);
      expect(spans.filter((span) => span.open)).toHaveLength(times.length === 0 ? 0 : 1);
    }),
  );
});
