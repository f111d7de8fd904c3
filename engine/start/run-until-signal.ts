/** Waits for SIGINT, SIGTERM or SIGHUP, then stops in order. A second signal does not hurry it: parts have deadlines. */
export async function runUntilSignal(
  stop: () => Promise<void>,
  say: (line: string) => void,
): Promise<void> {
  const signal = await new Promise<NodeJS.Signals>((settle) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, settle);
  });
  say("Stopping: finishing what is in hand");
  await stop();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.removeAllListeners(name);
  process.kill(process.pid, signal);
}
