import "server-only";
import { AppError } from "#lib/app-error.ts";
import { refusedByDatabase } from "#lib/database-refusal.ts";

const shared: typeof globalThis & {
  /** Of engine/start/answer-unavailable.mjs; missing where the console was not started by the product. */
  tocsinNoteUnavailable?: (seconds: number) => void;
} = globalThis;

/**
 * Makes the answer to the request under way a 503 with a time to come back, where it would be a 500 and `error` says that
 * the database was in the way. A page that has begun to answer stays what it is.
 */
export function noteUnavailable(error: unknown): void {
  const refusal = refusedByDatabase(error);
  if (!(refusal instanceof AppError) || refusal.code !== "unavailable") return;
  shared.tocsinNoteUnavailable?.(Number(refusal.values.seconds ?? 1));
}
