/** What of a window is compared with a channel's threshold; the names stand in the database. */
export const thresholdKinds = ["count", "rate", "share"] as const;
export type ThresholdKind = (typeof thresholdKinds)[number];

/** From so many errors in a window, errors a minute, or per cent of the attempts on people are told. */
export type Threshold = { kind: ThresholdKind; value: number };

export const thresholdMax = {
  count: 1_000_000,
  rate: 1_000_000,
  share: 100,
} as const satisfies Record<ThresholdKind, number>;

/** `attemptCount`: those of the channel that began within the window; null: not counted. */
type Measured = { errorCount: number; lengthMs: number; attemptCount: number | null };

const minuteMs = 60_000;

/**
 * Whether a window has fewer errors than people want to be told of: who has exactly as many is told. A rate is that of the
 * window's own length, which may be shorter than NOTIFICATION_WINDOW. Without attempts that were counted no share is too
 * small. Compares products of whole numbers, so nothing is rounded.
 */
export function isBelow({ kind, value }: Threshold, of: Measured): boolean {
  switch (kind) {
    case "count":
      return of.errorCount < value;
    case "rate":
      return of.errorCount * minuteMs < value * of.lengthMs;
    case "share":
      return of.attemptCount !== null && of.errorCount * 100 < value * of.attemptCount;
  }
}

/** A length of time in whole minutes, or else in seconds: for texts that choose the unit. */
export const lengthOf = (ms: number): { length: number; unit: "minutes" | "seconds" } =>
  ms % minuteMs === 0
    ? { length: ms / minuteMs, unit: "minutes" }
    : { length: Math.round(ms / 1_000), unit: "seconds" };
