const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The first signal that asks this process to end; from `listenForSignal` on none ends it by itself. */
export type EndSignal = {
  /** Aborted by the first one. */
  asked: AbortSignal;
  /** Ends the process by it. */
  end: () => void;
};

/** A second signal does not hurry it: parts have deadlines. */
export function listenForSignal(): EndSignal {
  const asking = new AbortController();
  let first: NodeJS.Signals = "SIGTERM";
  for (const name of signals) {
    process.on(name, () => {
      if (asking.signal.aborted) return;
      first = name;
      asking.abort(new Error(`ended by ${name}`));
    });
  }
  return {
    asked: asking.signal,
    end: () => {
      for (const name of signals) process.removeAllListeners(name);
      process.kill(process.pid, first);
    },
  };
}

/**
 * Waits for SIGINT, SIGTERM or SIGHUP, or until the product cannot go on, then stops in order; ends the process by that
 * signal, or with code 1.
 */
export async function runUntilSignal(
  stop: () => Promise<void>,
  say: (line: string) => void,
  {
    signal = listenForSignal(),
    failed = new Promise(() => undefined),
  }: { signal?: EndSignal; failed?: Promise<string> } = {},
): Promise<void> {
  const { asked, end } = signal;
  const words = "Stopping: finishing work in progress";
  const how = await Promise.race([
    asked.aborted
      ? words
      : new Promise<string>((settle) => asked.addEventListener("abort", () => settle(words))),
    failed,
  ]);
  say(how);
  await stop();
  if (asked.aborted) return end();
  // Whatever still keeps the event loop busy must not keep a supervisor from starting it all anew.
  process.exit(1);
}
