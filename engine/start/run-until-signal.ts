const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Waits for SIGINT, SIGTERM or SIGHUP, or until the product cannot go on, then stops in order; ends the process by that
 * signal, or with code 1. A second signal does not hurry it: parts have deadlines.
 */
export async function runUntilSignal(
  stop: () => Promise<void>,
  say: (line: string) => void,
  failed: Promise<string> = new Promise(() => undefined),
): Promise<void> {
  const signal = new Promise<NodeJS.Signals>((settle) => {
    for (const name of signals) process.on(name, settle);
  });
  const end = await Promise.race([
    signal.then((name) => ({ name, words: "Stopping: finishing work in progress" })),
    failed.then((words) => ({ name: null, words })),
  ]);
  say(end.words);
  await stop();
  for (const name of signals) process.removeAllListeners(name);
  // Whatever still keeps the event loop busy must not keep a supervisor from starting it all anew.
  if (end.name === null) process.exit(1);
  process.kill(process.pid, end.name);
}
