const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * Has `undo` done if this process ends, also by a signal, which goes on to end it. Returns `undo` for every other end, done once
 * whichever comes first.
 */
export function undoneOnInterrupt(undo: () => void): () => void {
  const undoOnce = () => {
    for (const signal of signals) process.off(signal, onSignal);
    process.off("exit", undoOnce);
    undo();
  };
  const onSignal = (signal: NodeJS.Signals) => {
    undoOnce();
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.once(signal, onSignal);
  process.once("exit", undoOnce);
  return undoOnce;
}
