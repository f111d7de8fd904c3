import { ArrowRight } from "lucide-react";
import type { AuditChange } from "#lib/audit/schema.ts";
import { useAuditWords } from "./use-audit-words.ts";

/** Each field that changed: as it was, as it is. The name that programs know it by is there for who looks for it. */
export function AuditChanges({
  changes,
  timeZone,
}: {
  changes: readonly AuditChange[];
  timeZone: string;
}) {
  const { nameOf, sayOf } = useAuditWords(timeZone);
  if (changes.length === 0) return null;
  return (
    <ul className="mt-1 space-y-0.5 text-sm">
      {changes.map(({ field, before, after }) => (
        <li key={field} className="flex flex-wrap items-baseline gap-x-2">
          <span className="text-dim" title={field}>
            {nameOf(field)}
          </span>
          {before !== undefined && (
            <Value text={sayOf(field, before)} isOld={after !== undefined} />
          )}
          {before !== undefined && after !== undefined && (
            <ArrowRight className="size-3 shrink-0 self-center text-dim" aria-hidden />
          )}
          {after !== undefined && <Value text={sayOf(field, after)} isOld={false} />}
        </li>
      ))}
    </ul>
  );
}

function Value({ text, isOld }: { text: string; isOld: boolean }) {
  return isOld ? (
    <del className="wrap-anywhere text-dim">{text}</del>
  ) : (
    <span className="wrap-anywhere">{text}</span>
  );
}
