export type Batcher<T, R> = {
  /** Resolves or rejects with what became of this item. */
  add: (item: T) => Promise<R>;
  /** Items added and not yet settled. */
  pending: () => number;
};

/**
 * Group commit: while a batch is under way, what arrives gathers for the next one, so nothing waits when it is quiet and
 * batches grow by themselves when it is not. Where nobody waits for the result, `gatherMs` makes them larger still.
 * `run` gives a result per item, in order; when it throws, every item of the batch is refused with that error.
 */
export function createBatcher<T, R>(options: {
  run: (items: readonly T[]) => Promise<readonly R[]>;
  sizeMax: number;
  /** Batches under way at once. */
  concurrency: number;
  /** How long a batch that is not full may wait for more; 0 unless told. */
  gatherMs?: number;
  /** After so long an item is refused, whatever becomes of it: one that has not begun then never does. */
  patience?: { ms: number; refusal: () => Error };
}): Batcher<T, R> {
  const { gatherMs = 0, patience } = options;
  type Entry = { item: T; resolve: (result: R) => void; reject: (error: unknown) => void };
  let gathered: Entry[] = [];
  /** What is gathered has waited long enough. */
  let isDue = false;
  let underWay = 0;
  let pending = 0;

  const arm = (): void => {
    isDue = false;
    const ring = (): void => {
      isDue = true;
      flush();
    };
    // At the earliest after this turn of the event loop, so that what came in together leaves together.
    if (gatherMs > 0) setTimeout(ring, gatherMs);
    else setImmediate(ring);
  };

  const flush = (): void => {
    if (underWay >= options.concurrency) return;
    if (gathered.length === 0 || (!isDue && gathered.length < options.sizeMax)) return;
    const batch = gathered.slice(0, options.sizeMax);
    gathered = gathered.slice(options.sizeMax);
    if (gathered.length > 0) arm();
    void runBatch(batch);
  };

  const runBatch = async (batch: readonly Entry[]): Promise<void> => {
    underWay += 1;
    try {
      const results = await options.run(batch.map((entry) => entry.item));
      batch.forEach((entry, index) => {
        entry.resolve(results[index] as R);
      });
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    } finally {
      underWay -= 1;
      pending -= batch.length;
      flush();
    }
  };

  /** Settles an entry in time, as far as that is asked for. */
  const bounded = (entry: Entry): Entry => {
    if (patience === undefined) return entry;
    const late = setTimeout(() => {
      const place = gathered.indexOf(bound);
      if (place >= 0) {
        gathered.splice(place, 1);
        pending -= 1;
      }
      entry.reject(patience.refusal());
    }, patience.ms);
    const inTime =
      <V>(settle: (value: V) => void) =>
      (value: V): void => {
        clearTimeout(late);
        settle(value);
      };
    const bound = {
      item: entry.item,
      resolve: inTime(entry.resolve),
      reject: inTime(entry.reject),
    };
    return bound;
  };

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        pending += 1;
        gathered.push(bounded({ item, resolve, reject }));
        if (gathered.length === 1) arm();
        if (gathered.length >= options.sizeMax) flush();
      }),
    pending: () => pending,
  };
}
