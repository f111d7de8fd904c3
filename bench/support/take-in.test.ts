import { expect, test } from "vitest";
import { takeIn } from "./take-in.ts";

const webhooks = [{ channelId: "1" }, { channelId: "2" }, { channelId: "3" }];
const answer = (statuses: readonly number[]): string =>
  statuses.map((status) => `${JSON.stringify({ status })}\n`).join("");

/** Answers one call after the other with these statuses, and keeps what was asked. */
function intake(...answers: readonly (readonly number[])[]) {
  const calls: { channelId: string; idempotencyKey: string }[][] = [];
  return {
    calls,
    post: async (lines: string) => {
      calls.push(lines.split("\n").map((line) => JSON.parse(line)));
      return answer(answers[calls.length - 1] ?? []);
    },
  };
}

test("lines that were refused for now are sent again, as the same webhooks", async () => {
  const { calls, post } = intake([503, 202, 503], [202, 503], [202]);
  await takeIn(webhooks, { post, pauseMs: 0 });
  expect(calls.map((lines) => lines.map(({ channelId }) => channelId))).toEqual([
    ["1", "2", "3"],
    ["1", "3"],
    ["3"],
  ]);
  const keys = calls.map((lines) => lines.at(-1)?.idempotencyKey);
  expect(keys).toEqual([keys[0], keys[0], keys[0]]);
  expect(new Set(calls[0]?.map((line) => line.idempotencyKey)).size).toBe(3);
});

test("a line that is refused for good ends the bench", async () => {
  const { post } = intake([202, 400, 202]);
  await expect(takeIn(webhooks, { post, pauseMs: 0 })).rejects.toThrow(/400/);
});

test("a build that never has room ends the bench", async () => {
  const { calls, post } = intake([503, 503, 503], [503, 503, 503]);
  await expect(takeIn(webhooks, { post, pauseMs: 0, triesMax: 2 })).rejects.toThrow(/503/);
  expect(calls).toHaveLength(2);
});

test("an answer that says nothing of some lines ends the bench", async () => {
  const { post } = intake([202, 202]);
  await expect(takeIn(webhooks, { post, pauseMs: 0 })).rejects.toThrow(/3 lines.*2/);
});
