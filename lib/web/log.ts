import "server-only";
import { randomUUID } from "node:crypto";
import { AppError } from "#lib/app-error.ts";
import { logFailure } from "#lib/database-log.ts";
import { refusedByDatabase } from "#lib/database-refusal.ts";
import { env } from "#lib/env.ts";
import { type Log, openLog } from "#lib/log.ts";

const shared: typeof globalThis & { tocsinConsoleLog?: Log } = globalThis;

export function consoleLog(): Log {
  shared.tocsinConsoleLog ??= openLog("console", env().logLevel);
  return shared.tocsinConsoleLog;
}

/** Logs what should never happen; returns the reference that the person gets instead of the truth. */
export function logDefect(error: unknown, what: string): string {
  const reference = randomUUID().slice(0, 8);
  logFailure(consoleLog(), error, what, { reference });
  return reference;
}

/** What a database that does not answer makes of whatever was asked: logged, and nobody's defect. Null for any other error. */
export function refusalWhileAway(error: unknown, what: string): AppError | null {
  const refusal = refusedByDatabase(error);
  if (refusal === error || !(refusal instanceof AppError)) return null;
  logFailure(consoleLog(), error, what);
  return refusal;
}
