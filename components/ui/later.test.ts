import { expect, test } from "vitest";
import { later } from "./later.ts";

test("what comes later is brought once, whoever asks", async () => {
  let broughtCount = 0;
  const part = later(async () => {
    broughtCount += 1;
    return "menu";
  });
  expect(part.come()).toBeUndefined();
  expect(await Promise.all([part.load(), part.load()])).toEqual(["menu", "menu"]);
  expect([part.come(), broughtCount]).toEqual(["menu", 1]);
});

test("what could not be brought is asked for anew", async () => {
  let isReached = false;
  const part = later(() =>
    isReached ? Promise.resolve("menu") : Promise.reject(new Error("not reached")),
  );
  await expect(part.load()).rejects.toThrow("not reached");
  isReached = true;
  expect(await part.load()).toBe("menu");
});
