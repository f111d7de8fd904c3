/** What a figure is to be: at least or at most so much. */
export type Goal = { least: number } | { most: number };

/** Of what the benches print as their last lines (docs/benchmarks.md says what each is); the others have none. */
export const goals: Readonly<Record<string, Goal>> = {
  toBefore: { least: 1.5 },
  toBareClient: { least: 0.65 },
  toBullmqSameJob: { least: 2 },
  toPgBossSameJob: { least: 2 },
  toGraphileWorkerSameJob: { least: 2 },
  costRatio1e6: { most: 1.2 },
  costRatioWaiting1e6: { most: 1.2 },
  costRatioChannels1e5: { most: 1.3 },
  firstAttemptP95Ms: { most: 120 },
  intakeP95Ms: { most: 12 },
  twoWorkersRatio: { least: 1.6 },
  healthyP95Ratio: { most: 1.2 },
  healthyThroughputRatio: { least: 0.9 },
  partlySlow1: { least: 0.7 },
  partlySlow5: { least: 0.7 },
  partlySlow20: { least: 0.7 },
  partlySlow1ToBefore: { least: 4 },
  partlySlow5ToBefore: { least: 4 },
  pageAt1e7: { most: 1.5 },
  deepPageAt1e7: { most: 1.5 },
  rareDetailAt1e7: { most: 1.5 },
  tsvToCopy: { least: 0.8 },
  recordedPerSecond: { least: 20_000 },
  firstMailP95Ms: { most: 30_000 },
  offMs: { most: 1_000 },
  endedPerSecond: { least: 20_000 },
  deletedEndedPerSecond: { least: 20_000 },
};

/** "≥ 2", "≤ 1.2", or nothing. */
export function wordsOf(goal: Goal | undefined): string {
  if (goal === undefined) return "";
  return "least" in goal ? `≥ ${goal.least}` : `≤ ${goal.most}`;
}

/** Nothing where there is no goal or no figure. */
export function verdict(goal: Goal | undefined, value: unknown): "met" | "missed" | "" {
  if (goal === undefined || typeof value !== "number") return "";
  const isMet = "least" in goal ? value >= goal.least : value <= goal.most;
  return isMet ? "met" : "missed";
}

/** The JSON object that a bench prints as its last line; undefined where that is something else. */
export function lastLine(output: string): Record<string, unknown> | undefined {
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
