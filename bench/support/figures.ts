import { cpus, loadavg, totalmem } from "node:os";

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Nearest rank; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/**
 * The median of what `ours` is to `theirs`, round by round: what else the machine does in a round, it does to both. NaN where
 * one of them has no round.
 */
export const medianRatio = (ours: readonly number[], theirs: readonly number[]): number =>
  median(ours.slice(0, theirs.length).map((value, index) => value / (theirs[index] ?? Number.NaN)));

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

/** The lowest and the highest. */
export const spread = (values: readonly number[], digits = 0): string =>
  values.length === 0
    ? "-"
    : `${round(Math.min(...values), digits)} to ${round(Math.max(...values), digits)}`;

/** What the figures were taken on, and how busy it was before. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${load()}`;
}

/** Processes that wanted a core in the last minute, on average; at the end of a bench mostly its own. */
export const load = (): string => `load ${loadavg()[0]?.toFixed(1) ?? "unknown"}`;

/** Rows as columns of equal width. */
export function printTable(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const all = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  for (const row of all)
    console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
}

/** A figure of a last line: null where the run did not measure it. */
export type Figure = number | null;

/** What is no number was not measured. */
export const figure = (value: number, digits = 2): Figure =>
  Number.isFinite(value) ? round(value, digits) : null;

/** The last line of a bench, one JSON object, after saying what of it was not measured. */
export function printLastLine(figures: Readonly<Record<string, Figure>>): void {
  const missing = Object.keys(figures).filter((name) => figures[name] === null);
  if (missing.length > 0) console.log(`Not measured in this run: ${missing.join(", ")}.`);
  console.log(JSON.stringify(figures));
}
