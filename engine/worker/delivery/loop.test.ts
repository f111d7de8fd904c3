import { expect, test } from "vitest";
import { createLoop, type LoopOptions, type Waiting } from "./loop.ts";

/** First come, first served, while `mayBegin`. */
function queueWhile(mayBegin: () => boolean): Waiting<number> & { retries: number } {
  const items: number[] = [];
  const queue = {
    retries: 0,
    push: (more: readonly number[]) => void items.push(...more),
    shift: () => (mayBegin() ? items.shift() : undefined),
    clear: () => items.splice(0),
    length: () => items.length,
    aside: () => 0,
    retry: () => {
      queue.retries += 1;
    },
  };
  return queue;
}

function open(overrides: Partial<LoopOptions<number>> & { items?: number[] }) {
  const items = overrides.items ?? [];
  const handled: number[] = [];
  const returned: number[] = [];
  const defects: unknown[] = [];
  let running = 0;
  const handle =
    overrides.handle ??
    (async (item: number) => {
      handled.push(item);
    });
  const loop = createLoop<number>({
    waiting: queueWhile(() => running < 4),
    slots: 4,
    idleMs: 5,
    congested: () => false,
    claim: async (places) => items.splice(0, places),
    giveBack: async (given) => {
      returned.push(...given);
    },
    onDefect: (error) => defects.push(error),
    nap: (ms) => {
      let end: () => void = () => undefined;
      const over = new Promise<void>((settle) => {
        setTimeout(settle, ms);
        end = settle;
      });
      return { over, end: () => end() };
    },
    ...overrides,
    handle: async (item) => {
      running += 1;
      await handle(item).finally(() => {
        running -= 1;
      });
    },
  });
  return { loop, handled, returned, defects, items };
}

const settled = async (condition: () => boolean): Promise<void> => {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("the condition was not met in time");
    await new Promise((wake) => setTimeout(wake, 2));
  }
};

test("everything claimed is handled once, never more at a time than there are slots", async () => {
  let now = 0;
  let most = 0;
  const { loop, handled } = open({
    items: Array.from({ length: 100 }, (_, index) => index),
    handle: async (item) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((wake) => setTimeout(wake, 1));
      now -= 1;
      handled.push(item);
    },
  });
  loop.start();
  await settled(() => handled.length === 100);
  await loop.stop();
  expect(handled.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 100 }, (_, index) => index),
  );
  expect(most).toBe(4);
});

test("what may not begin is looked at again by itself, and when told", async () => {
  let mayBegin = false;
  const waiting = queueWhile(() => mayBegin);
  const { loop, handled } = open({ items: [1], waiting });
  loop.start();
  await settled(() => waiting.retries > 1);
  expect(handled).toEqual([]);
  mayBegin = true;
  loop.begin();
  expect(handled).toEqual([1]);
  await loop.stop();
});

test("what stands aside holds up no claim", async () => {
  const waiting = { ...queueWhile(() => false), aside: () => 100 };
  const items = Array.from({ length: 40 }, (_, index) => index);
  const { loop } = open({ items, waiting });
  loop.start();
  await settled(() => loop.inHand() > 12);
  await loop.stop();
});

test("a claim that fails is reported and tried again", async () => {
  let calls = 0;
  const { loop, handled, defects } = open({
    claim: async () => {
      calls += 1;
      if (calls === 1) throw new Error("the database is away");
      return calls === 2 ? [7] : [];
    },
  });
  loop.start();
  await settled(() => handled.length === 1);
  await loop.stop();
  expect(defects).toHaveLength(1);
});

test("claims that go on failing are tried at growing pauses, which new work cuts short", async () => {
  const pauses: number[] = [];
  let calls = 0;
  const { loop } = open({
    claim: async () => {
      calls += 1;
      throw new Error("the database is away");
    },
    nap: (ms) => {
      pauses.push(ms);
      let end: () => void = () => undefined;
      const over = new Promise<void>((settle) => {
        end = settle;
        // The first few pass at once; the next lasts until somebody ends it.
        if (pauses.length < 24) setImmediate(settle);
      });
      return { over, end: () => end() };
    },
  });
  loop.start();
  await settled(() => pauses.length >= 24);
  const longest = Math.max(...pauses);
  expect(longest).toBeGreaterThanOrEqual(5 * 2 ** 6 * 0.75);
  expect(longest).toBeLessThanOrEqual(5_000 * 1.25);
  const before = calls;
  loop.notify();
  await settled(() => calls > before);
  await loop.stop();
});

test("stopping finishes what is being handled and gives back what has not begun", async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((open) => {
    release = open;
  });
  const { loop, handled, returned } = open({
    items: [1, 2, 3, 4, 5, 6, 7],
    handle: async (item) => {
      await gate;
      handled.push(item);
    },
  });
  loop.start();
  await settled(() => loop.inHand() === 7);
  const stopped = loop.stop();
  await settled(() => returned.length === 3);
  release();
  await stopped;
  expect(handled).toEqual([1, 2, 3, 4]);
  expect(returned).toEqual([5, 6, 7]);
});

test("nothing is claimed while results pile up", async () => {
  let piled = true;
  let asked = 0;
  const congested = () => {
    asked += 1;
    return piled;
  };
  const { loop, handled, items } = open({ items: [1], congested });
  loop.start();
  await settled(() => asked > 3);
  expect(items).toEqual([1]);
  piled = false;
  await settled(() => handled.length === 1);
  await loop.stop();
});

test("what comes while a claim is under way is claimed without a nap in between", async () => {
  let answer: (items: number[]) => void = () => undefined;
  let calls = 0;
  const { loop, handled } = open({
    claim: () => {
      calls += 1;
      if (calls > 1) return Promise.resolve(calls === 2 ? [1] : []);
      return new Promise<number[]>((settle) => {
        answer = settle;
      });
    },
    // A nap here would never end.
    nap: () => ({ over: new Promise(() => undefined), end: () => undefined }),
  });
  loop.start();
  await settled(() => calls === 1);
  loop.notify();
  answer([]);
  await settled(() => handled.length === 1);
});
