export type LoopOptions<T> = {
  /** Items handled at once. */
  slots: number;
  /** Takes up to `places` items; fewer, or none, when there are no more. */
  claim: (places: number) => Promise<readonly T[]>;
  /** Never throws for what the item did; a throw is a defect and goes to `onDefect`. */
  handle: (item: T) => Promise<void>;
  /** Gives back what was claimed and not begun. */
  giveBack: (items: readonly T[]) => Promise<void>;
  /** True while nothing more may be claimed, because results pile up behind. */
  congested: () => boolean;
  onDefect: (error: unknown, what: "claim" | "handle" | "give back") => void;
  /** How long to wait when there was nothing, and after a failed claim. */
  idleMs: number;
  /** Resolves after so many milliseconds or when `wake` aborts, whichever is first. */
  sleep: (ms: number, wake: AbortSignal) => Promise<void>;
};

export type Loop = {
  start: () => void;
  /** There may be something to claim. */
  notify: () => void;
  /** Claims no more, gives back what has not begun, resolves when the rest has finished. */
  stop: () => Promise<void>;
  inHand: () => number;
};

/**
 * Keeps `slots` handlers busy. Claims ahead, as much again as there are slots, so that no slot waits for a claim.
 * Knows neither HTTP nor SQL.
 */
export function createLoop<T>(options: LoopOptions<T>): Loop {
  const waiting: T[] = [];
  const running = new Set<Promise<void>>();
  let state: "new" | "running" | "stopping" = "new";
  let nap = new AbortController();
  let pump: Promise<void> = Promise.resolve();

  const begin = (): void => {
    while (state === "running" && running.size < options.slots) {
      const item = waiting.shift();
      if (item === undefined) return;
      const one = options
        .handle(item)
        .catch((error: unknown) => options.onDefect(error, "handle"))
        .finally(() => {
          running.delete(one);
          begin();
          if (waiting.length < options.slots / 2) nap.abort();
        });
      running.add(one);
    }
  };

  const rest = async (): Promise<void> => {
    if (state !== "running") return;
    nap = new AbortController();
    await options.sleep(options.idleMs, nap.signal);
  };

  const round = async (): Promise<void> => {
    const places = options.slots * 2 - running.size - waiting.length;
    if (places < options.slots / 4 || options.congested()) return rest();
    let claimed: readonly T[] = [];
    try {
      claimed = await options.claim(places);
    } catch (error) {
      options.onDefect(error, "claim");
    }
    waiting.push(...claimed);
    begin();
    if (claimed.length === 0) await rest();
  };

  const giveBack = async (): Promise<void> => {
    try {
      await options.giveBack(waiting.splice(0));
    } catch (error) {
      options.onDefect(error, "give back");
    }
  };

  return {
    start: () => {
      if (state !== "new") return;
      state = "running";
      pump = (async () => {
        while (state === "running") await round();
      })();
    },
    notify: () => nap.abort(),
    stop: async () => {
      state = "stopping";
      nap.abort();
      await pump;
      await giveBack();
      await Promise.all(running);
    },
    inHand: () => running.size + waiting.length,
  };
}
