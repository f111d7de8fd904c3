import fc from "fast-check";
import { expect, test } from "vitest";
import { anyJson } from "#testing/json-factory.ts";
import { isDeeperThan } from "./depth.ts";
import { layOut } from "./lay-out.ts";
import { type Extent, listJsonMembers, valueEnd, walkElements } from "./scan.ts";

function listElements(text: string): Extent[] {
  const elements: Extent[] = [];
  walkElements(text, 0, (start) => {
    const end = valueEnd(text, start);
    elements.push({ start, end });
    return end;
  });
  return elements;
}

test("a value ends where it ends, whatever follows", () => {
  fc.assert(
    fc.property(anyJson, fc.constantFrom("", " ", ",", "]", "}", "\n"), (text, next) => {
      expect(valueEnd(`[${text}${next}`, 1)).toBe(1 + text.length);
    }),
  );
});

test("members and elements are found as JSON.parse finds them, equal keys each by itself", () => {
  fc.assert(
    fc.property(anyJson, (text) => {
      const parsed: unknown = JSON.parse(text);
      const valueAt = (place: { start: number; end: number }) =>
        JSON.parse(text.slice(place.start, place.end));
      if (Array.isArray(parsed)) {
        expect(listElements(text).map(valueAt)).toEqual(parsed);
        expect(listJsonMembers(text, 0)).toEqual([]);
        return;
      }
      expect(listElements(text)).toEqual([]);
      const isObject = typeof parsed === "object" && parsed !== null;
      // As JSON.parse does it: an own property also for `__proto__`, the last of equal keys counts.
      const built = {};
      for (const member of listJsonMembers(text, 0)) {
        const value = valueAt(member);
        Object.defineProperty(built, member.key, { value, enumerable: true, configurable: true });
      }
      expect(built).toEqual(isObject ? parsed : {});
    }),
  );
});

const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
    : 0;

test("the depth is that of objects and arrays, not of brackets in strings", () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (value) => {
      const text = JSON.stringify(value);
      expect(isDeeperThan(text, depthOf(value))).toBe(false);
      expect(isDeeperThan(text, depthOf(value) - 1)).toBe(true);
    }),
  );
});

test("any text at all can be asked how deep it is", () => {
  fc.assert(fc.property(fc.string(), (text) => typeof isDeeperThan(text, 3) === "boolean"));
});

/** What stands between the tokens is taken out. */
const tight = (text: string): string =>
  text.replaceAll(/"(?:[^"\\]|\\.)*"|[ \t\r\n]+/g, (part) => (part.startsWith('"') ? part : ""));

test("what is laid out for people has the same tokens, in the layout that they know", () => {
  fc.assert(
    fc.property(anyJson, (text) => {
      expect(tight(layOut(text, Number.POSITIVE_INFINITY))).toBe(tight(text));
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value);
      expect(layOut(text, Number.POSITIVE_INFINITY)).toBe(
        JSON.stringify(JSON.parse(text), null, 2),
      );
    }),
  );
});

test("a text whose layout would become too long is shown as it is", () => {
  const deep = `${"[".repeat(4_100)}1${"]".repeat(4_100)}`;
  expect(layOut(deep, 1_000_000)).toBe(deep);
  expect(layOut("[1]", 7)).toBe("[\n  1\n]");
  expect(layOut("[1]", 6)).toBe("[1]");
});
