import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/**
 * The folders of components, from the ground up. A folder uses what stands on the floors below its own: no page's parts
 * are made of another page's, and what two of them share stands below both.
 */
const floors: readonly (readonly string[])[] = [
  // Knows no word of the product.
  ["ui"],
  // Parts that pages share.
  ["answers", "causes", "exports", "live", "statistics"],
  // The parts of one page or tab each, and of the mails.
  [
    ...["accounts", "audit", "channels", "deliveries", "mails", "members", "notifications"],
    ...["operations", "providers", "webhook-errors"],
  ],
  // The frame around all pages.
  ["layout"],
];

const floorOf = new Map(floors.flatMap((rooms, floor) => rooms.map((room) => [room, floor])));

const rooms = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Other folders of components that a source of `room` imports, values and types alike. */
const usedBy = (room: string, source: string): string[] =>
  [...source.matchAll(/"(?:#components|\.\.)\/([\w-]+)\//g)]
    .map(([, used = ""]) => used)
    .filter((used) => used !== room);

const mayUse = (room: string, used: string): boolean =>
  (floorOf.get(used) ?? floors.length) < (floorOf.get(room) ?? 0);

test("every folder has a floor, and every floor's folders exist", () => {
  expect([...floorOf.keys()].sort()).toEqual([...rooms].sort());
});

test.each(rooms)("%s uses of the components only what stands below it", (room) => {
  const objections = readdirSync(join(import.meta.dirname, room))
    .filter((file) => !file.endsWith(".test.ts"))
    .flatMap((file) =>
      usedBy(room, readFileSync(join(import.meta.dirname, room, file), "utf8"))
        .filter((used) => !mayUse(room, used))
        .map((used) => `${room}/${file} uses ${used}`),
    );
  expect(objections).toEqual([]);
});

test.each([
  ["a value", 'import { Toolbar } from "#components/deliveries/deliveries-toolbar.tsx";'],
  ["a type", 'import type { View } from "#components/deliveries/deliveries-view.ts";'],
  ["something brought later", 'const { View } = await import("../deliveries/view.tsx");'],
])("an arrow to a folder beside is an objection: %s", (_name, source) => {
  expect(usedBy("webhook-errors", source)).toEqual(["deliveries"]);
  expect(mayUse("webhook-errors", "deliveries")).toBe(false);
});
