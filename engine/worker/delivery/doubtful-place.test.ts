import { expect, test } from "vitest";
import { createDoubtfulPlace } from "./doubtful-place.ts";

const doubtful = { id: "1", isDoubtful: true };
const plain = { id: "2", isDoubtful: false };

test("while a doubtful webhook is in hand no claim may take another, until it is finished", async () => {
  const place = createDoubtfulPlace();
  const offered: number[] = [];
  const claim = (...claimed: (typeof plain)[]) =>
    place.claim(async (doubtfulMax) => {
      offered.push(doubtfulMax);
      return claimed;
    });
  await claim(plain);
  await claim(plain, doubtful);
  await claim(plain);
  place.leave(plain);
  await claim();
  place.leave(doubtful);
  await claim();
  expect(offered).toEqual([1, 1, 0, 0, 1]);
});

test("of two claims at the same moment only one may take a doubtful webhook; a failed one frees the place", async () => {
  const place = createDoubtfulPlace();
  const offered: number[] = [];
  const failing = place.claim(async (doubtfulMax) => {
    offered.push(doubtfulMax);
    await Promise.resolve();
    throw new Error("the database is away");
  });
  await place.claim(async (doubtfulMax) => {
    offered.push(doubtfulMax);
    return [];
  });
  await expect(failing).rejects.toThrow("away");
  await place.claim(async (doubtfulMax) => {
    offered.push(doubtfulMax);
    return [];
  });
  expect(offered).toEqual([1, 0, 1]);
});
