import { expect, test } from "vitest";
import { createPulse } from "./pulse.ts";

test("the database is asked once for all who come together, and not again at once when it did not answer", async () => {
  let at = 0;
  let asked = 0;
  let answers = true;
  const pulse = createPulse(
    async () => {
      asked += 1;
      if (!answers) throw new Error("no answer");
    },
    () => at,
  );
  expect(await Promise.all([pulse.beats(), pulse.beats()])).toEqual([true, true]);
  expect(asked).toBe(1);
  answers = false;
  expect(await pulse.beats()).toBe(false);
  at = 499;
  answers = true;
  expect(await pulse.beats()).toBe(false);
  expect(asked).toBe(2);
  at = 501;
  expect(await pulse.beats()).toBe(true);
  expect(asked).toBe(3);
});
