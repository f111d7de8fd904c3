import { expect, test } from "vitest";
import { judgeQueue } from "./schema.ts";

const limits = { queueMax: 1_000, ageMaxMs: 60_000 };
const queue = (webhookCount: number, oldestDueSeconds = 0) => ({ webhookCount, oldestDueSeconds });

test("a queue is full from its limit on, by count and by age", () => {
  expect(judgeQueue(queue(999, 59), limits, null)).toBeNull();
  expect(judgeQueue(queue(1_000), limits, null)).toBe("queue_long");
  expect(judgeQueue(queue(0, 60), limits, null)).toBe("queue_old");
});

test("it is opened again only when a tenth of the limit is free", () => {
  expect(judgeQueue(queue(901), limits, "queue_long")).toBe("queue_long");
  expect(judgeQueue(queue(899), limits, "queue_long")).toBeNull();
  expect(judgeQueue(queue(901), limits, "queue_old")).toBeNull();
  expect(judgeQueue(queue(0, 55), limits, "queue_old")).toBe("queue_old");
  expect(judgeQueue(queue(0, 53), limits, "queue_old")).toBeNull();
});
