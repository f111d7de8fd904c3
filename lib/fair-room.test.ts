import { describe, expect, test } from "vitest";
import { createFairRoom } from "./fair-room.ts";

const open = () => createFairRoom({ places: 3, placesPerKey: 2, waitingPerKey: 4 });
const patient = 60_000;

/** Who has come in so far, in order. */
function watch(room = open()) {
  const inside: string[] = [];
  const leaves: (() => void)[] = [];
  const enter = (key: string) =>
    void room.enter(key, patient).then((leave) => {
      inside.push(leave === null ? `${key} refused` : key);
      if (leave !== null) leaves.push(leave);
    });
  return { inside, leaves, enter };
}

/** Everything that is already decided has been told. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a room with a share for each", () => {
  test("keeps a place for others, however many of one key come", async () => {
    const { inside, enter } = watch();
    for (let n = 0; n < 4; n += 1) enter("a");
    enter("b");
    await settled();
    expect(inside).toEqual(["a", "a", "b"]);
  });

  test("refuses at once whoever comes behind a line of the same key, and nobody else", async () => {
    const { inside, enter } = watch();
    for (let n = 0; n < 1_000; n += 1) enter("a");
    await settled();
    expect(inside.filter((one) => one === "a refused")).toHaveLength(994);
    enter("b");
    await settled();
    expect(inside.at(-1)).toBe("b");
  });

  test("gives a free place to the first in line whose key has not its share", async () => {
    const { inside, leaves, enter } = watch();
    for (const key of ["a", "a", "b", "a", "c", "d"]) enter(key);
    await settled();
    expect(inside).toEqual(["a", "a", "b"]);
    leaves[2]?.();
    leaves[2]?.();
    await settled();
    expect(inside).toEqual(["a", "a", "b", "c"]);
    leaves[0]?.();
    await settled();
    expect(inside).toEqual(["a", "a", "b", "c", "a"]);
  });

  test("sends off whoever waits too long, and their turn is not lost", async () => {
    const room = open();
    const [first] = await Promise.all([room.enter("a", patient), room.enter("a", patient)]);
    expect(await room.enter("a", 1)).toBeNull();
    const next = room.enter("a", patient);
    first?.();
    expect(await next).not.toBeNull();
  });
});
