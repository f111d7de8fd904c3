import type { Failed } from "#lib/recording/record-errors.ts";

/** An attempt that a bot server answered with 500. */
export const failedAt = (startedAt: Date): Failed["outcome"] => ({
  state: "error",
  startedAt,
  times: { total: 12 },
  note: null,
  seen: { phase: "answer" },
  protocol: "h2",
  remoteAddress: null,
  error: { reason: "error_status_code", detail: "500", statusCode: 500 },
  retryAfterMs: null,
  response: null,
});
