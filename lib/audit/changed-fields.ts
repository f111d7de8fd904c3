import { type AuditField, auditFields } from "./fields.ts";
import type { AuditFields } from "./record-audit.ts";
import type { AuditValue } from "./schema.ts";

type Given = Partial<Record<AuditField, AuditValue | undefined>>;
/** A field that the log has no words for is a mistake. */
type NothingElse<Shape> = Record<Exclude<keyof Shape, AuditField>, never>;

/** The fields that differ, as they were and as they are now; null when none does. */
export function changedFields<Shape extends AuditFields & NothingElse<Shape>>(
  before: Shape,
  after: Partial<Shape>,
): { before: AuditFields; after: AuditFields } | null {
  const now: Given = after;
  const names = auditFields.filter(
    (name) => Object.hasOwn(now, name) && !same(before[name], now[name]),
  );
  if (names.length === 0) return null;
  const pick = (from: Given): AuditFields =>
    Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
  return { before: pick(before), after: pick(now) };
}

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
