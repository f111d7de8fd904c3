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
  nap: (ms: number) => Nap;
};

/** A wait that can be cut short. */
export type Nap = {
  /** Resolves when the time is over, or at `end`. */
  over: Promise<void>;
  end: () => void;
};

export type Loop = {
  start: () => void;
  /** There may be something to claim. */
  notify: () => void;
  /** Claims no more, gives back what has not begun, resolves when the rest has finished. */
  stop: () => Promise<void>;
  inHand: () => number;
};

/** Claims under way at once: while one is answered, the next is on its way. */
const claimersMax = 2;

/**
 * Keeps `slots` handlers busy. Claims ahead, twice as many again as there are slots, so that no slot waits for a claim.
 * Knows neither HTTP nor SQL.
 */
export function createLoop<T>(options: LoopOptions<T>): Loop {
  const waiting: T[] = [];
  const running = new Set<Promise<void>>();
  let state: "new" | "running" | "stopping" = "new";
  const naps = new Set<Nap>();
  /** Something may have come while a claim was under way that could not see it. */
  let isNotified = false;
  let claimers: Promise<void>[] = [];
  /** Places that claims under way may fill. */
  let promised = 0;
  /** The last claim found nothing: one claimer is enough to notice when that changes. */
  let isQuiet = true;

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
          if (waiting.length < options.slots) wakeUp();
        });
      running.add(one);
    }
  };

  const rest = async (): Promise<void> => {
    if (state !== "running") return;
    const nap = options.nap(options.idleMs);
    naps.add(nap);
    await nap.over;
    naps.delete(nap);
  };

  const wakeUp = (): void => {
    for (const nap of naps) nap.end();
  };

  const round = async (isFirst: boolean): Promise<void> => {
    if (isQuiet && !isFirst) return rest();
    const free = options.slots * 3 - running.size - waiting.length - promised;
    if (free < options.slots / 4 || options.congested()) return rest();
    const places = Math.min(free, Math.ceil(options.slots * 1.5));
    let claimed: readonly T[] = [];
    promised += places;
    isNotified = false;
    try {
      claimed = await options.claim(places);
    } catch (error) {
      options.onDefect(error, "claim");
    } finally {
      promised -= places;
    }
    isQuiet = claimed.length === 0;
    waiting.push(...claimed);
    begin();
    if (isQuiet && !isNotified) await rest();
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
      claimers = Array.from({ length: claimersMax }, async (_, index) => {
        while (state === "running") await round(index === 0);
      });
    },
    notify: () => {
      isNotified = true;
      wakeUp();
    },
    stop: async () => {
      state = "stopping";
      wakeUp();
      await Promise.all(claimers);
      await giveBack();
      await Promise.all(running);
    },
    inHand: () => running.size + waiting.length,
  };
}
