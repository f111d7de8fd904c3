import { createBackoff } from "#lib/backoff.ts";

export type LoopOptions<T> = {
  /** What was claimed and has not begun; it decides what begins next, and when. */
  waiting: Waiting<T>;
  /** Items that may be handled at once for sure; `waiting` may let more begin. */
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
  /** How long to wait when there was nothing, and after a failed claim; after more of them, longer. */
  idleMs: number;
  nap: (ms: number) => Nap;
};

export type Waiting<T> = {
  push: (items: readonly T[]) => void;
  /** Takes out the next that may begin; none, where nothing may. */
  shift: () => T | undefined;
  /** Takes out everything. */
  clear: () => T[];
  length: () => number;
  /** How many of them stand aside for a reason of their own. */
  aside: () => number;
  /** What stood aside is looked at again. */
  retry: () => void;
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
  /** What waits may begin: something was given back. */
  begin: () => void;
  /** Claims no more, gives back what has not begun, resolves when the rest has finished. */
  stop: () => Promise<void>;
  inHand: () => number;
};

/** Claims under way at once: while one is answered, the next is on its way. */
const claimersMax = 2;
/** What stands aside is looked at again this often, as nobody tells of every reason that passes. */
const retryMs = 25;
/** After claims that failed, at most; whatever wakes the loop up wakes it from this too. */
const failedMaxMs = 5_000;

/**
 * Keeps `slots` handlers busy, or more where `waiting` lets more begin. Claims ahead, twice as many again as there are
 * slots, so that no slot waits for a claim; as many again may stand aside, so that those hold up no claim of others. Knows
 * neither HTTP nor SQL.
 */
export function createLoop<T>(options: LoopOptions<T>): Loop {
  const { slots, waiting } = options;
  const running = new Set<Promise<void>>();
  let state: "new" | "running" | "stopping" = "new";
  /** Ended by what may be claimed; by what has begun, where too much was in hand; by nothing. */
  const naps = { quiet: new Set<Nap>(), full: new Set<Nap>(), retry: new Set<Nap>() };
  /** Something may have come while a claim was under way that could not see it. */
  let isNotified = false;
  let claimers: Promise<void>[] = [];
  /** Places that claims under way may fill. */
  let promised = 0;
  /** The last claim found nothing: one claimer is enough to notice when that changes. */
  let isQuiet = true;
  const backoff = createBackoff({ minMs: options.idleMs, maxMs: failedMaxMs });

  const begin = (): void => {
    if (state !== "running") return;
    for (;;) {
      const item = waiting.shift();
      if (item === undefined) break;
      const one = options
        .handle(item)
        .catch((error: unknown) => options.onDefect(error, "handle"))
        .finally(() => {
          running.delete(one);
          begin();
        });
      running.add(one);
    }
    if (waiting.length() - waiting.aside() < slots) wakeUp(naps.full);
    if (waiting.length() > 0 && naps.retry.size === 0) void retryLater();
  };

  const rest = async (why: Set<Nap>, ms: number): Promise<void> => {
    if (state !== "running") return;
    const nap = options.nap(ms);
    why.add(nap);
    await nap.over;
    why.delete(nap);
  };

  const wakeUp = (why: Set<Nap>): void => {
    for (const nap of why) nap.end();
  };

  const retryLater = async (): Promise<void> => {
    await rest(naps.retry, retryMs);
    waiting.retry();
    begin();
  };

  /** Beyond what is in hand. What was lent from elsewhere is not counted. */
  const free = (): number =>
    slots * 3 -
    Math.min(slots, running.size) -
    (waiting.length() - Math.min(slots, waiting.aside())) -
    promised;

  const round = async (isFirst: boolean): Promise<void> => {
    if (isQuiet && !isFirst) return rest(naps.quiet, options.idleMs);
    if (free() < slots / 4 || options.congested()) return rest(naps.full, options.idleMs);
    const places = Math.min(free(), Math.ceil(slots * 1.5));
    let claimed: readonly T[] = [];
    let pauseMs = options.idleMs;
    promised += places;
    isNotified = false;
    try {
      claimed = await options.claim(places);
      backoff.reset();
    } catch (error) {
      options.onDefect(error, "claim");
      pauseMs = backoff.next();
    } finally {
      promised -= places;
    }
    isQuiet = claimed.length === 0;
    waiting.push(claimed);
    begin();
    if (isQuiet && !isNotified) await rest(naps.quiet, pauseMs);
  };

  const giveBack = async (): Promise<void> => {
    try {
      await options.giveBack(waiting.clear());
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
      wakeUp(naps.quiet);
    },
    begin,
    stop: async () => {
      state = "stopping";
      for (const why of Object.values(naps)) wakeUp(why);
      await Promise.all(claimers);
      await giveBack();
      await Promise.all(running);
    },
    inHand: () => running.size + waiting.length(),
  };
}
