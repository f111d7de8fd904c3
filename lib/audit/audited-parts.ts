import type { AuditFields } from "./record-audit.ts";

/** How each part of a question is named in an entry; a part without an entry here does not compile. */
export type AuditedParts<Asked> = {
  readonly [Part in keyof Asked]-?: (value: NonNullable<Asked[Part]>) => AuditFields;
};

/** What was asked, as an entry of the audit log names it: each part that is neither null nor absent. */
export function auditedParts<Asked extends object>(
  parts: AuditedParts<Asked>,
  asked: Asked,
): AuditFields {
  const fields: AuditFields = {};
  for (const part of Object.keys(parts) as (keyof Asked)[]) {
    const value = asked[part];
    if (value != null) Object.assign(fields, parts[part](value));
  }
  return fields;
}

/** Both ends of a stretch of time that is asked for. */
export const auditedStretch = {
  from: (from: Date): AuditFields => ({ from: from.toISOString() }),
  to: (to: Date): AuditFields => ({ to: to.toISOString() }),
};
