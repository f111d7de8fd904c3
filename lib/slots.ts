import { setTimeout as pause } from "node:timers/promises";

/** Work on its way, at most `max` pieces at once. */
export type Slots = {
  taken: () => number;
  /** How many pieces may begin now. */
  free: () => number;
  /** Keeps a slot until `work` is over; it must not reject. */
  begin: (work: Promise<void>) => void;
  /** Resolves when a slot has become free, or after `ms`: what became due meanwhile finds the slots that are free already. */
  freed: (ms: number) => Promise<void>;
  /** Resolves when nothing is on its way. */
  idle: () => Promise<void>;
};

export function createSlots(max: number): Slots {
  const inHand = new Set<Promise<void>>();
  return {
    taken: () => inHand.size,
    free: () => max - inHand.size,
    begin: (work) => {
      const held = work.finally(() => inHand.delete(held));
      inHand.add(held);
    },
    freed: async (ms) => {
      const over = new AbortController();
      const waited = pause(ms, undefined, { signal: over.signal }).catch(() => undefined);
      await Promise.race([...inHand, waited]);
      over.abort();
    },
    idle: async () => {
      while (inHand.size > 0) await Promise.all(inHand);
    },
  };
}

/**
 * A step for `takeSteps`: begins what is due, and begins more as soon as a slot is free, or looks again after `pollMs`. One piece
 * that takes its time holds up its own slot and nothing else. `poll` resolves with how many it began.
 */
export async function stepSlots(
  { poll, slots }: { poll: () => Promise<number>; slots: Pick<Slots, "free" | "freed"> },
  pollMs: number,
): Promise<number> {
  if ((await poll()) === 0 && slots.free() > 0) return pollMs;
  await slots.freed(pollMs);
  return 0;
}
