import type { AuditEntry } from "./record-audit.ts";

type Fields = NonNullable<AuditEntry["before"]>;

/** The fields that differ, as they were and as they are now; null when none does. */
export function changedFields<Shape extends Fields>(
  before: Shape,
  after: Partial<Shape>,
): { before: Fields; after: Fields } | null {
  const names = Object.keys(after).filter((name) => !same(before[name], after[name]));
  if (names.length === 0) return null;
  const pick = (from: Fields) =>
    Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
  return { before: pick(before), after: pick(after as Fields) };
}

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
