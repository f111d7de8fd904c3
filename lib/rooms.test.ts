import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { above, floors } from "./rooms.ts";
import { architecturePicture } from "./rooms-picture.ts";

const lib = import.meta.dirname;
const floorOf = new Map(floors.flatMap((rooms, floor) => rooms.map((room) => [room, floor])));

/** Source files below lib as paths from it; tests may use whatever they test with. */
const files = readdirSync(lib, { recursive: true, withFileTypes: true })
  .filter(
    (entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name),
  )
  .map((entry) => posix.relative(lib, join(entry.parentPath, entry.name)));

const roomOf = (file: string): string | null =>
  file.includes("/") ? (file.split("/")[0] ?? null) : null;

/** Files of lib that a source imports, values and types alike, as paths from lib. */
function importsOf(file: string, source: string): string[] {
  const named = source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g);
  return [...named].flatMap(([, name = ""]) => {
    if (name.startsWith("#lib/")) return [name.slice("#lib/".length)];
    return name.startsWith(".") ? [posix.join(posix.dirname(file), name)] : [];
  });
}

/** Why the one may not use the other; null when it may. */
function objection(from: string, to: string): string | null {
  const [room, used] = [roomOf(from), roomOf(to)];
  if (used === null || room === used) return null;
  if (room === null) return above.includes(from) ? null : `${from} is of the ground and uses ${to}`;
  const [floor, other] = [floorOf.get(room), floorOf.get(used)];
  if (floor === undefined || other === undefined)
    return `${room} or ${used} stands in no floor of lib/rooms.ts`;
  return other < floor
    ? null
    : `${from} uses ${to}, which stands ${other === floor ? "beside" : "above"} it`;
}

test("every folder of lib uses only what stands below it", () => {
  const objections = files.flatMap((file) =>
    importsOf(file, readFileSync(join(lib, file), "utf8")).flatMap(
      (to) => objection(file, to) ?? [],
    ),
  );
  expect(objections).toEqual([]);
});

test("every folder has a floor, and every floor's folders exist", () => {
  const rooms = new Set(files.flatMap((file) => roomOf(file) ?? []));
  expect([...floorOf.keys()].sort()).toEqual([...rooms].sort());
});

test.each([
  ["a value", 'import { settle } from "#lib/notifications/settle.ts";'],
  ["a type", 'import type { Verdict } from "#lib/notifications/settle.ts";'],
  ["something brought later", 'const { settle } = await import("#lib/notifications/settle.ts");'],
  ["something handed on", 'export { settle } from "../notifications/settle.ts";'],
])("an arrow up is an objection: %s", (_name, source) => {
  const [to = ""] = importsOf("queue/claim.ts", source);
  expect(objection("queue/claim.ts", to)).toContain("stands above it");
});

test("an arrow between folders of one floor, and one out of the ground, is an objection", () => {
  expect(objection("queue/claim.ts", "outbox/schema.ts")).toContain("beside");
  expect(objection("log.ts", "outbox/schema.ts")).toContain("of the ground");
  expect(objection("env.ts", "outbox/mail-address.ts")).toBeNull();
  expect(objection("queue/claim.ts", "db.ts")).toBeNull();
});

test("the picture in docs/architecture.md is the one drawn from the floors", () => {
  const page = readFileSync(join(lib, "..", "docs", "architecture.md"), "utf8");
  expect(page).toContain(architecturePicture());
});
