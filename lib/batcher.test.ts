import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createBatcher } from "./batcher.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A batcher of numbers whose batches end when the test says so. */
function open(
  options: Partial<Omit<Parameters<typeof createBatcher<number, string>>[0], "run">> = {},
) {
  const batches: number[][] = [];
  const ends: (() => Promise<void>)[] = [];
  const batcher = createBatcher<number, string>({
    sizeMax: 3,
    concurrency: 1,
    ...options,
    run: (items) => {
      batches.push([...items]);
      return new Promise((settle) => {
        ends.push(async () => {
          settle(items.map((item) => `done ${item}`));
          await vi.advanceTimersByTimeAsync(0);
        });
      });
    },
  });
  const turn = () => vi.advanceTimersByTimeAsync(0);
  return { batcher, batches, ends, turn };
}

test("what comes in one turn leaves together, in order, and each gets its own result", async () => {
  const { batcher, batches, ends, turn } = open();
  const results = Promise.all([batcher.add(1), batcher.add(2)]);
  await turn();
  expect(batches).toEqual([[1, 2]]);
  await ends[0]?.();
  expect(await results).toEqual(["done 1", "done 2"]);
  expect(batcher.pending()).toBe(0);
});

test("what comes while a batch is under way gathers for the next, which leaves as soon as that has ended", async () => {
  const { batcher, batches, ends, turn } = open();
  void batcher.add(1);
  await turn();
  void batcher.add(2);
  await turn();
  void batcher.add(3);
  expect(batches).toEqual([[1]]);
  await ends[0]?.();
  expect(batches).toEqual([[1], [2, 3]]);
  expect(batcher.pending()).toBe(2);
});

test("no more batches are under way at once than allowed, and none is larger than allowed", async () => {
  const { batcher, batches, ends, turn } = open({ concurrency: 2 });
  for (let item = 1; item <= 8; item += 1) void batcher.add(item);
  await turn();
  expect(batches).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  await ends[1]?.();
  expect(batches[2]).toEqual([7, 8]);
});

test("where nobody waits, the end of a batch does not hurry the next: it gathers for its whole time", async () => {
  const { batcher, batches, ends } = open({ gatherMs: 50 });
  void batcher.add(1);
  await vi.advanceTimersByTimeAsync(50);
  void batcher.add(2);
  await ends[0]?.();
  expect(batches).toEqual([[1]]);
  await vi.advanceTimersByTimeAsync(49);
  expect(batches).toEqual([[1]]);
  await vi.advanceTimersByTimeAsync(1);
  expect(batches).toEqual([[1], [2]]);
});

test("a full batch does not wait, and what was left behind does not wait for ever", async () => {
  const { batcher, batches, ends } = open({ gatherMs: 50 });
  for (let item = 1; item <= 4; item += 1) void batcher.add(item);
  expect(batches).toEqual([[1, 2, 3]]);
  await vi.advanceTimersByTimeAsync(60);
  await ends[0]?.();
  expect(batches).toEqual([[1, 2, 3], [4]]);
});

test("a batch that fails refuses each of its items, and the next goes its way", async () => {
  let calls = 0;
  const batcher = createBatcher<number, number>({
    sizeMax: 2,
    concurrency: 1,
    run: async (items) => {
      calls += 1;
      if (calls === 1) throw new Error("the database is away");
      return items;
    },
  });
  const settled = Promise.allSettled([batcher.add(1), batcher.add(2), batcher.add(3)]);
  await vi.advanceTimersByTimeAsync(1);
  expect((await settled).map((one) => one.status)).toEqual(["rejected", "rejected", "fulfilled"]);
  expect(batcher.pending()).toBe(0);
});

test("whoever has waited too long is refused: begun or not, and what has not begun never does", async () => {
  const refusal = () => new Error("too late");
  const { batcher, batches, ends, turn } = open({ patience: { ms: 1_000, refusal } });
  const begun = batcher.add(1);
  await turn();
  const waiting = batcher.add(2);
  const results = Promise.allSettled([begun, waiting]);
  await vi.advanceTimersByTimeAsync(500);
  const later = batcher.add(3);
  await vi.advanceTimersByTimeAsync(500);
  expect((await results).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(batcher.pending()).toBe(2);
  await ends[0]?.();
  expect(batches).toEqual([[1], [3]]);
  await ends[1]?.();
  expect(await later).toBe("done 3");
  expect(batcher.pending()).toBe(0);
});
