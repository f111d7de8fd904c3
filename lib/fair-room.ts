import type { Leave } from "./room.ts";

export type FairRoomOptions = {
  /** That many at once. */
  places: number;
  /** Of those, one key has at most so many: fewer than all, or one key could hold everybody up. */
  placesPerKey: number;
  /** Of one key so many wait; whoever comes after them is refused at once. */
  waitingPerKey: number;
};

/** A place that holds so many at once, and of each key (a person, an address) only a share. */
export type FairRoom = {
  /** Waits in line; null when too many of the key wait already, or no place came free within `patienceMs`. */
  enter: (key: string, patienceMs: number) => Promise<Leave | null>;
};

type Waiting = { key: string; call: () => void };

/**
 * A room in which one key fills neither the places nor the line. Whoever has waited longest comes next, except behind keys
 * that have their share. Does not protect from somebody with many keys: they wait in one line with everybody.
 */
export function createFairRoom({ places, placesPerKey, waitingPerKey }: FairRoomOptions): FairRoom {
  let taken = 0;
  const inside = new Map<string, number>();
  const line: Waiting[] = [];

  const fits = (key: string): boolean => taken < places && (inside.get(key) ?? 0) < placesPerKey;
  const letIn = (key: string): Leave => {
    taken += 1;
    inside.set(key, (inside.get(key) ?? 0) + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      taken -= 1;
      const rest = (inside.get(key) ?? 1) - 1;
      if (rest > 0) inside.set(key, rest);
      else inside.delete(key);
      callNext();
    };
  };
  const callNext = (): void => {
    const next = line.findIndex(({ key }) => fits(key));
    if (next >= 0) line.splice(next, 1)[0]?.call();
  };

  return {
    enter: (key, patienceMs) => {
      if (fits(key)) return Promise.resolve(letIn(key));
      if (line.filter((one) => one.key === key).length >= waitingPerKey) {
        return Promise.resolve(null);
      }
      return new Promise((resolve) => {
        const late = setTimeout(() => {
          line.splice(line.indexOf(waiting), 1);
          resolve(null);
        }, patienceMs);
        const waiting = {
          key,
          call: () => {
            clearTimeout(late);
            resolve(letIn(key));
          },
        };
        line.push(waiting);
      });
    },
  };
}
