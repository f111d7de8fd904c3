import { type AuditedParts, auditedParts, auditedStretch } from "#lib/audit/audited-parts.ts";
import type { AuditFields } from "#lib/audit/record-audit.ts";
import type { ErrorQuestion } from "./question.ts";
import { formatStatus } from "./status-filter.ts";

/** The filters that whoever took errors out had set, as the audit log names them. */
export const auditedErrors = (question: ErrorQuestion): AuditFields =>
  auditedParts(parts, question);

const parts: AuditedParts<ErrorQuestion> = {
  // It stands in a column of its own.
  channelId: () => ({}),
  ...auditedStretch,
  reason: (reason) => ({ reason }),
  detail: (detail) => ({ detail }),
  status: (status) => ({ statusCode: formatStatus(status) }),
  attempt: (attempt) => ({ attempt }),
};
