import type { ErrorReason } from "#lib/transport/error-class.ts";

type Reason = { reason: ErrorReason; detail: string };

/** Errors by reason and detail, see `reasonKey`. */
export type ReasonCounts = Record<string, number>;

/** What errors of one window are told apart by. A reason holds no space. */
export const reasonKey = ({ reason, detail }: Reason): string => `${reason} ${detail}`;

export function reasonOf(name: string): Reason {
  const space = name.indexOf(" ");
  return { reason: name.slice(0, space) as ErrorReason, detail: name.slice(space + 1) };
}

/** A window that was counted before reasons were kept has those of its first failure. */
export const countsOf = (
  of: Reason & { errorCount: number; reasons: ReasonCounts },
): ReasonCounts =>
  Object.keys(of.reasons).length > 0 || of.errorCount === 0
    ? of.reasons
    : { [reasonKey(of)]: of.errorCount };
