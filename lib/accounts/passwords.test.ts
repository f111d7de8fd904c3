import { expect, test } from "vitest";
import { hashPassword, isPasswordRight } from "./passwords.ts";

const password = "correct horse battery";

test("one who knocks fills neither the places nor the line in which passwords are looked at", async () => {
  const stored = await hashPassword(password);
  const done: string[] = [];
  const look = async (who: string): Promise<unknown> => {
    const result = await isPasswordRight(stored, password, who).catch((error: unknown) => error);
    done.push(who);
    return result;
  };
  const flood = Array.from({ length: 200 }, () => look("one address"));
  const other = look("another address");
  expect(await other).toBe(true);
  // Beside those who were refused at once, at most the one that was looked at at the same time.
  expect(done.indexOf("another address")).toBeGreaterThanOrEqual(195);
  const results = await Promise.all(flood);
  expect(results.filter((result) => result === true)).toHaveLength(5);
  for (const refused of results.filter((result) => result !== true)) {
    expect(refused).toMatchObject({ code: "unavailable" });
  }
});

test("whether a password is right does not depend on who asks", async () => {
  const stored = await hashPassword(password);
  expect(await isPasswordRight(stored, "another", "a")).toBe(false);
  expect(await isPasswordRight(null, password, "a")).toBe(false);
  expect(await isPasswordRight(stored, password)).toBe(true);
});
