import { expect, test } from "vitest";
import { connectionsOfProduct, databaseUses } from "./database-uses.ts";

test("one start command's connections are those of its processes and of each worker", () => {
  expect(connectionsOfProduct(5)).toBe(120);
  expect(connectionsOfProduct(64) - connectionsOfProduct(63)).toBe(12);
  const { worker, housekeeping } = databaseUses;
  // And the one that listens for work.
  expect(worker.connectionsMax + housekeeping.connectionsMax + 1).toBe(12);
});
