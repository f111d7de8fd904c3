import { expect, test } from "vitest";
import { causeGroups, causesOfGroup } from "./groups.ts";
import { likelyCauses } from "./schema.ts";

test("each cause stands in one group, in the order of the set", () => {
  expect(causeGroups.flatMap(causesOfGroup)).toEqual(likelyCauses);
  expect(causeGroups.map(causesOfGroup).every((causes) => causes.length > 0)).toBe(true);
});
