import { decodeTime } from "ulid";
import { expect, test } from "vitest";
import { newEventId } from "./event-id.ts";

test("each event's id is a ULID of its time, and no other's", () => {
  const at = new Date("2026-11-28T12:34:56.789Z");
  const ids = Array.from({ length: 10_000 }, () => newEventId(at));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id))).toEqual([]);
  expect(ids.filter((id) => decodeTime(id) !== at.getTime())).toEqual([]);
});

test("every letter comes up at every random place of an id", () => {
  const ids = Array.from({ length: 2_000 }, () => newEventId(new Date(0)));
  const seen = Array.from({ length: 16 }, (_, place) => new Set(ids.map((id) => id[10 + place])));
  expect(seen.map((letters) => letters.size)).toEqual(Array.from({ length: 16 }, () => 32));
});
