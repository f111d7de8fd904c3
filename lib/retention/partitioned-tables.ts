export type PartitionSpan = "day" | "month";

export type RetentionDays = { log: number; errors: number; rows: number };

export type PartitionedTable = {
  table: string;
  /** How long one partition is. */
  span: PartitionSpan;
  /** Which retention ends it. */
  keeps: keyof RetentionDays;
  /** What it is partitioned by. */
  column: string;
};

export const partitionedTables = [
  { table: "webhooks", span: "day", keeps: "log", column: "accepted_at" },
  { table: "webhook_attempts", span: "day", keeps: "errors", column: "started_at" },
  { table: "webhook_errors", span: "day", keeps: "errors", column: "occurred_at" },
  { table: "error_rows", span: "month", keeps: "rows", column: "minute" },
  { table: "delivered_minutes", span: "month", keeps: "rows", column: "minute" },
  { table: "answered_error_minutes", span: "month", keeps: "rows", column: "minute" },
  { table: "webhook_sources", span: "day", keeps: "log", column: "accepted_at" },
  { table: "superseded_deliveries", span: "day", keeps: "log", column: "superseded_at" },
  { table: "delivered_answers", span: "day", keeps: "log", column: "started_at" },
] as const satisfies readonly PartitionedTable[];

export type Partition = { name: string; from: Date; to: Date };

/** The partitions of a table that hold the times from `first` to `last`. */
export function* partitionsBetween(
  { table, span }: PartitionedTable,
  first: Date,
  last: Date,
): Generator<Partition> {
  for (let from = floor(span, first); from <= last; from = next(span, from)) {
    yield { name: `${table}_${digitsOf(span, from)}`, from, to: next(span, from) };
  }
}

/** What a partition of the table holds, by its name; null when the name is not one of ours for this table. */
export function partitionNamed({ table, span }: PartitionedTable, name: string): Partition | null {
  const digits = name.startsWith(`${table}_`) ? name.slice(table.length + 1) : "";
  const parts =
    span === "day" ? /^(\d{4})(\d\d)(\d\d)$/.exec(digits) : /^(\d{4})(\d\d)$/.exec(digits);
  if (parts === null) return null;
  const from = new Date(Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3] ?? 1)));
  return { name, from, to: next(span, from) };
}

function floor(span: PartitionSpan, at: Date): Date {
  return new Date(
    Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), span === "day" ? at.getUTCDate() : 1),
  );
}

function next(span: PartitionSpan, at: Date): Date {
  const day = span === "day" ? at.getUTCDate() + 1 : 1;
  const month = at.getUTCMonth() + (span === "day" ? 0 : 1);
  return new Date(Date.UTC(at.getUTCFullYear(), month, day));
}

const digitsOf = (span: PartitionSpan, at: Date): string =>
  at
    .toISOString()
    .slice(0, span === "day" ? 10 : 7)
    .replaceAll("-", "");
