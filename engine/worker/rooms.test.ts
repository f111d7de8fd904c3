import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** The rooms of the worker, and which others each may use. What they share stands in lib. */
const uses: Record<string, readonly string[]> = {
  chores: [],
  delivery: [],
  mail: [],
  notifications: ["mail"],
};

const imports = (room: string): { file: string; other: string }[] =>
  readdirSync(join(import.meta.dirname, room))
    .filter((file) => !file.endsWith(".test.ts"))
    .flatMap((file) => {
      const source = readFileSync(join(import.meta.dirname, room, file), "utf8");
      return [...source.matchAll(/"(?:#engine\/worker|\.\.)\/([\w-]+)\//g)].map(
        ([, other = ""]) => ({ file, other }),
      );
    });

test.each(readdirSync(import.meta.dirname).filter((name) => !name.endsWith(".ts")))(
  "%s uses of the worker only what it may",
  (room) => {
    const objections = imports(room).filter(({ other }) => !uses[room]?.includes(other));
    expect(objections).toEqual([]);
  },
);
