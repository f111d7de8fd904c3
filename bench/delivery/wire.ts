/** Runs at most `max` at once; the others wait their turn, in order. */
export function atMost<A, R>(max: number, run: (item: A) => Promise<R>): (item: A) => Promise<R> {
  let free = max;
  const waiting: (() => void)[] = [];
  let next = 0;
  return async (item) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((settle) => waiting.push(settle));
    try {
      return await run(item);
    } finally {
      const first = waiting[next];
      if (first === undefined) free += 1;
      else {
        // Taken by position: a thousand may wait, and shifting an array costs its length.
        next += 1;
        if (next === waiting.length) waiting.length = next = 0;
        first();
      }
    }
  };
}
