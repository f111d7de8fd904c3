import { expect, test } from "vitest";
import { createClaimShares } from "./share-out.ts";

/** Channels by what may wait of them, whether they are slow, and how many wait. */
function open(
  channels: Record<string, { ahead?: number; slow?: boolean; waiting?: number }>,
  aside = 0,
) {
  return createClaimShares({
    slots: 192,
    waiting: {
      aside: () => aside,
      waitingOf: (id) => channels[id]?.waiting ?? 0,
      crowded: (maxOf) =>
        Object.keys(channels).filter((id) => (channels[id]?.waiting ?? 0) > maxOf(id) / 2),
    },
    places: {
      channelGates: {
        aheadMax: (id) => channels[id]?.ahead ?? 8,
        isSlow: (id) => channels[id]?.slow ?? false,
      },
    },
  });
}

test("shares are even, and what one cannot take goes to those after it", () => {
  const shares = open({ a: { ahead: 5 }, b: { ahead: 100 }, c: { ahead: 100 } });
  expect(shares.shareOut(["a", "b", "c"], 90)).toEqual([5, 43, 42]);
});

test("what waits in hand counts, and one channel is never given more than a whole claim", () => {
  const shares = open({ a: { ahead: 10_000, waiting: 100 }, b: { ahead: 8, waiting: 20 } });
  expect(shares.shareOut(["a"], 1_000)).toEqual([188]);
  expect(shares.shareOut(["b"], 1_000)).toEqual([0]);
});

test("slow channels together take no more than a lane's slots less what stands aside", () => {
  const channels = Object.fromEntries(
    Array.from({ length: 50 }, (_, index) => [`slow ${index}`, { ahead: 3, slow: true }]),
  );
  const shares = open({ ...channels, prompt: { ahead: 150 } }, 156);
  const taken = shares.shareOut([...Object.keys(channels), "prompt"], 288);
  expect(taken.slice(0, 50).reduce((sum, count) => sum + count, 0)).toBe(36);
  expect(taken[50]).toBe(150);
});

test("a slow channel that answers a lot may have as much in hand as slots, and is asked for at half of it", () => {
  const channels = { slow: { ahead: 1_000, waiting: 96, slow: true } };
  expect(open(channels, 96).shareOut(["slow"], 288)).toEqual([96]);
  expect(open(channels, 96).excluded()).toEqual([]);
  expect(open({ slow: { ...channels.slow, waiting: 97 } }, 97).excluded()).toEqual(["slow"]);
});

test("channels of which enough waits are not asked for, and no slow one where the slow have their part", () => {
  const channels = {
    enough: { ahead: 8, waiting: 5 },
    few: { ahead: 8, waiting: 4 },
    slow: { ahead: 8, waiting: 1, slow: true },
  };
  expect(open(channels).excluded()).toEqual(["enough"]);
  expect(open(channels, 192).excluded()).toEqual(["enough", "slow"]);
});
