import fc from "fast-check";
import { expect, test } from "vitest";
import { isSourceId, sourcesOf } from "./sources.ts";

const event = (source: unknown) => JSON.stringify({ type: "message", source, timestamp: 1 });

test("users, groups and rooms are told once each, in the order of the events", () => {
  expect(
    sourcesOf([
      event({ type: "user", userId: "U1" }),
      event({ type: "group", groupId: "C1", userId: "U2" }),
      event({ type: "room", roomId: "R1", userId: "U1" }),
      event(undefined),
    ]),
  ).toEqual(["U1", "C1", "U2", "R1"]);
});

test("only the source of an event counts, and what cannot be an id is left out", () => {
  expect(
    sourcesOf([
      JSON.stringify({ mention: { source: { userId: "U1" } }, userId: "U2" }),
      event({ userId: 5, groupId: { userId: "U3" }, roomId: "a b" }),
      event(["U4"]),
      event({ userId: "x".repeat(65) }),
    ]),
  ).toEqual([]);
});

test("of one webhook so many are kept and no more", () => {
  const events = Array.from({ length: 100 }, (_, index) => event({ userId: `U${index}` }));
  expect(sourcesOf(events)).toEqual(Array.from({ length: 20 }, (_, index) => `U${index}`));
});

test("whatever an event is, its source is read as JSON.parse reads it", () => {
  const key = fc.constantFrom("source", "userId", "groupId", "roomId", "\\u0073ource", "other");
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom('"U1"', '"\\u0055 2"', '"C\\u0031"', "1", "null", "[]"),
      fc
        .array(fc.tuple(key, tie("any")), { maxLength: 4 })
        .map(
          (members) => `{${members.map(([name, one]) => `"${name}":${String(one)}`).join(",")}}`,
        ),
    ),
  })).any;
  fc.assert(
    fc.property(value, (text) => {
      const parsed: unknown = JSON.parse(`{"source":${String(text)}}`);
      const { source } = parsed as { source: Record<string, unknown> | null };
      const ids = ["userId", "groupId", "roomId"].flatMap((name) => {
        const id = source !== null && typeof source === "object" ? source[name] : undefined;
        return typeof id === "string" && isSourceId(id) ? [id] : [];
      });
      expect(sourcesOf([`{"source":${String(text)}}`]).sort()).toEqual([...new Set(ids)].sort());
    }),
  );
});
