import { expect, test } from "vitest";
import { shortCount } from "./short-count.ts";

test("an axis says the count that its line stands for", () => {
  const counts = [0, 950, 1_350, 2_700, 9_999, 12_250, 100_000, 3_500_000];
  expect(counts.map(shortCount)).toEqual([
    ...["0", "950", "1,350", "2,700", "9,999", "12.25K", "100K", "3.5M"],
  ]);
});
