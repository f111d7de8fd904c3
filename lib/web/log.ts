import "server-only";
import { env } from "#lib/env.ts";
import { type Log, openLog } from "#lib/log.ts";

const shared: typeof globalThis & { tocsinConsoleLog?: Log } = globalThis;

export function consoleLog(): Log {
  shared.tocsinConsoleLog ??= openLog("console", env().logLevel);
  return shared.tocsinConsoleLog;
}
