import "server-only";
import { randomUUID } from "node:crypto";
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
  consoleLog().error({ err: error, reference }, what);
  return reference;
}
