import type { ErrorReason } from "#lib/transport/error-class.ts";

// Apart from schema.ts, so that the browser, which only needs the name, does not get the validator.

/** Names a problem within its channel. */
export type ProblemKey = { reason: ErrorReason; detail: string };

/** What notifications know it by too, see `reasonKey`. A reason holds no space. */
export const problemName = ({ reason, detail }: ProblemKey): string => `${reason} ${detail}`;
