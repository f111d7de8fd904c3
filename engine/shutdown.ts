import type { Log } from "#lib/log.ts";

const deadlineMs = 15_000;

/**
 * Runs `stop` at the first signal, or when the start command that began this process has gone. Then ends the process by
 * that signal, so that whoever waits sees why it ended. A second signal, or the deadline, ends it at once: leases
 * and transactions keep everything safe.
 */
export function stopOnSignal(stop: () => Promise<void>, log: Log): void {
  let stopping = false;
  const end = (signal: NodeJS.Signals): void => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  };
  const begin = (signal: NodeJS.Signals): void => {
    if (stopping) {
      end(signal);
      return;
    }
    stopping = true;
    log.info({ signal }, "stopping: finishing work in progress");
    const late = setTimeout(() => {
      log.error("work in progress did not finish in time; its leases expire by themselves");
      end("SIGKILL");
    }, deadlineMs);
    stop()
      .catch((error: unknown) => log.error({ err: error }, "stopping failed"))
      .finally(() => {
        clearTimeout(late);
        end(signal);
      });
  };
  process.on("SIGINT", begin);
  process.on("SIGTERM", begin);
  process.on("disconnect", () => begin("SIGTERM"));
}
