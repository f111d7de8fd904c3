import { type AuditedParts, auditedParts, auditedStretch } from "#lib/audit/audited-parts.ts";
import type { AuditFields } from "#lib/audit/record-audit.ts";
import { formatStatus } from "#lib/webhook-errors/status-filter.ts";
import type { AskedOutcome, LogQuestion } from "./schema.ts";

/** The filters that whoever took webhooks out, or redelivered them, had set: as the audit log names them. */
export const auditedQuestion = (question: LogQuestion): AuditFields =>
  auditedParts(questionParts, question);

const outcomeParts: AuditedParts<AskedOutcome> = {
  reason: (reason) => ({ reason }),
  status: (status) => ({ statusCode: formatStatus(status) }),
  likelyCause: (likelyCause) => ({ likelyCause }),
  answerFromMs: (answerFromMs) => ({ answerFromMs }),
  answerToMs: (answerToMs) => ({ answerToMs }),
};

const questionParts: AuditedParts<LogQuestion> = {
  // It stands in a column of its own.
  channelId: () => ({}),
  ...auditedStretch,
  states: (states) => ({ states }),
  eventType: (eventType) => ({ eventType }),
  eventId: (eventId) => ({ eventId }),
  doubtful: (doubtful) => (doubtful ? { doubtful } : {}),
  ended: ({ from, to }) => ({ endedFrom: from.toISOString(), endedTo: to.toISOString() }),
  job: ({ id, came }) => ({ ofJob: id, ...(came === null ? {} : { cameTo: came }) }),
  outcome: (outcome) => auditedParts(outcomeParts, outcome),
  sourceId: (sourceId) => ({ sourceId }),
};
