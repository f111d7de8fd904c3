export type Leave = () => void;

/** A place that holds so many at once. */
export type Room = {
  /** Waits in line for a place; null when none came free within `patienceMs`. Whoever got one calls what they got, once. */
  enter: (patienceMs: number) => Promise<Leave | null>;
};

export function createRoom(places: number): Room {
  let taken = 0;
  const line: (() => void)[] = [];

  const leaveOnce = (): Leave => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      // The place is handed to the next in line without being given up.
      const next = line.shift();
      if (next === undefined) taken -= 1;
      else next();
    };
  };

  return {
    enter: (patienceMs) => {
      if (taken < places) {
        taken += 1;
        return Promise.resolve(leaveOnce());
      }
      return new Promise((resolve) => {
        const called = () => {
          clearTimeout(late);
          resolve(leaveOnce());
        };
        const late = setTimeout(() => {
          line.splice(line.indexOf(called), 1);
          resolve(null);
        }, patienceMs);
        line.push(called);
      });
    },
  };
}
