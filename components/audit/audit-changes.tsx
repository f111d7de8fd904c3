import { ArrowRight } from "lucide-react";
import { useTranslations } from "next-intl";
import type { AuditChange, AuditValue } from "#lib/audit/schema.ts";

/** Each field that changed: as it was, as it is. Names are the API's own, so that they can be searched for. */
export function AuditChanges({ changes }: { changes: readonly AuditChange[] }) {
  if (changes.length === 0) return null;
  return (
    <ul className="mt-1 space-y-0.5 text-sm">
      {changes.map(({ field, before, after }) => (
        <li key={field} className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-mono text-dim">{field}</span>
          {before !== undefined && <Value value={before} isOld={after !== undefined} />}
          {before !== undefined && after !== undefined && (
            <ArrowRight className="size-3 shrink-0 self-center text-dim" aria-hidden />
          )}
          {after !== undefined && <Value value={after} isOld={false} />}
        </li>
      ))}
    </ul>
  );
}

function Value({ value, isOld }: { value: AuditValue; isOld: boolean }) {
  const t = useTranslations("audit.values");
  const shown = value === null || value === "" ? t("none") : String(value);
  const text = value === true ? t("on") : value === false ? t("off") : shown;
  return isOld ? (
    <del className="wrap-anywhere text-dim">{text}</del>
  ) : (
    <span className="wrap-anywhere">{text}</span>
  );
}
