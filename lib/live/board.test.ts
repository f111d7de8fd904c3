import { afterEach, expect, test, vi } from "vitest";
import type { ChannelRole } from "#lib/members/schema.ts";
import { type Board, createBoard, type Figures, type Looker } from "./board.ts";
import type { LiveMessage } from "./schema.ts";

const deadline = { timeout: 30_000, interval: 5 };
type Person = Looker & { name: string; told: string[] };
type Reading = { by: string; answer: (figures: string) => void; fail: () => void };

let board: Board<Person>;
afterEach(() => board.stop());

/** A board whose readings the test answers itself. `gone` may not look any more; `roles` are those that are not "member". */
function openBoard({ viewsMax }: { viewsMax?: number } = {}) {
  const readings: Reading[] = [];
  const gone = new Set<string>();
  const roles = new Map<string, ChannelRole>();
  const failures: unknown[] = [];
  board = createBoard<Person>({
    read: ({ name: by }) =>
      new Promise<Figures>((resolve, reject) => {
        readings.push({
          by,
          answer: (figures) => resolve((role) => JSON.stringify(`${figures} for ${role}`)),
          fail: () => reject(new Error("not read")),
        });
      }),
    admit: async (people) =>
      new Map(
        people
          .filter(({ name }) => !gone.has(name))
          .map((one) => [one, roles.get(one.name) ?? one.role] as const),
      ),
    onFailure: (error) => failures.push(error),
    againMs: 10,
    ...(viewsMax === undefined ? {} : { viewsMax }),
  });
  return { readings, gone, roles, failures };
}

function person(name: string): Person {
  const told: string[] = [];
  const send = (message: LiveMessage | Uint8Array): void => {
    if (typeof message === "string") told.push(message);
    else told.push(/"figures":"([^"]*)"/.exec(new TextDecoder().decode(message))?.[1] ?? "?");
  };
  return { name, told, role: "member", send };
}

function look(name: string, key = "a view", channelId = "a channel"): Person {
  const one = person(name);
  board.follow(one, channelId, key);
  board.greet(one);
  return one;
}

const readingOf = async (readings: readonly Reading[], index: number): Promise<Reading> => {
  await vi.waitFor(() => expect(readings.length).toBeGreaterThan(index), deadline);
  const found = readings[index];
  if (found === undefined) throw new Error("no such reading");
  return found;
};
const waitForLast = (one: Person, figures: string) =>
  vi.waitFor(() => expect(one.told.at(-1)).toBe(figures), deadline);

test("what a thousand look at is read once, and each of them gets it", async () => {
  const { readings } = openBoard();
  const people = Array.from({ length: 1_000 }, (_, index) => look(String(index)));
  (await readingOf(readings, 0)).answer("first");
  await vi.waitFor(
    () => expect(people.every(({ told }) => told.join() === "first for member")).toBe(true),
    deadline,
  );
  board.renew("a channel");
  (await readingOf(readings, 1)).answer("second");
  await vi.waitFor(
    () => expect(people.every(({ told }) => told.at(-1) === "second for member")).toBe(true),
    deadline,
  );
  expect(readings).toHaveLength(2);
});

test("whoever comes a moment later gets what was read, without another reading", async () => {
  const { readings } = openBoard();
  const early = look("early");
  (await readingOf(readings, 0)).answer("first");
  await waitForLast(early, "first for member");
  expect(look("late").told).toEqual(["first for member"]);
  expect(readings).toHaveLength(1);
});

test("whoever comes while it is read gets what comes of it", async () => {
  const { readings } = openBoard();
  look("early");
  const reading = await readingOf(readings, 0);
  const late = look("late");
  reading.answer("first");
  await waitForLast(late, "first for member");
  expect(readings).toHaveLength(1);
});

test("news during a reading makes one more afterwards, never beside it: nobody gets older figures after newer ones", async () => {
  const { readings } = openBoard();
  const one = look("one");
  const first = await readingOf(readings, 0);
  for (let n = 0; n < 20; n += 1) board.renew("a channel");
  expect(readings).toHaveLength(1);
  first.answer("first");
  (await readingOf(readings, 1)).answer("second");
  await waitForLast(one, "second for member");
  expect(one.told).toEqual(["first for member", "second for member"]);
  expect(readings).toHaveLength(2);
});

test("another view of the channel is read for itself, another channel's is left alone", async () => {
  const { readings } = openBoard();
  const people = [look("one"), look("two", "another view"), look("three", "c", "channel 3")];
  for (const [index, figures] of ["1", "2", "3"].entries()) {
    (await readingOf(readings, index)).answer(figures);
  }
  await vi.waitFor(
    () => expect(people.every(({ told }) => told.length === 1)).toBe(true),
    deadline,
  );
  board.renew("a channel");
  await readingOf(readings, 4);
  expect(readings.slice(3).map(({ by }) => by)).toEqual(["one", "two"]);
});

test("figures go to those who may look when they are there, as their role then is", async () => {
  const { readings, gone, roles } = openBoard();
  const [stays, goes, rises] = [look("stays"), look("goes"), look("rises")];
  const reading = await readingOf(readings, 0);
  gone.add("goes");
  roles.set("rises", "admin");
  reading.answer("first");
  await waitForLast(stays, "first for member");
  expect(goes.told).toEqual([]);
  expect(rises.told).toEqual(["first for admin"]);
});

test("as many views are followed as may be; a view that nobody looks at any more makes room", () => {
  openBoard({ viewsMax: 2 });
  const people = [person("one"), person("two"), person("three"), person("four")] as const;
  expect(board.follow(people[0], "c", "view 1")).toBe(true);
  expect(board.follow(people[1], "c", "view 2")).toBe(true);
  expect(board.follow(people[2], "c", "view 3")).toBe(false);
  expect(board.follow(people[3], "c", "view 2")).toBe(true);
  board.leave(people[0]);
  expect(board.follow(people[2], "c", "view 3")).toBe(true);
});

test("what cannot be read is said, and read in somebody else's name afterwards", async () => {
  const { readings, failures } = openBoard();
  const [one, two] = [look("one"), look("two")];
  (await readingOf(readings, 0)).fail();
  await vi.waitFor(() => expect(two.told).toEqual(["waiting"]), deadline);
  expect(failures).toHaveLength(1);
  const again = await readingOf(readings, 1);
  expect(again.by).toBe("two");
  again.answer("first");
  await waitForLast(one, "first for member");
});
