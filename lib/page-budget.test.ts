import { expect, test } from "vitest";
import { limitAnswers } from "./delivery-log/limit-answers.ts";
import type { LoggedAttempt } from "./delivery-log/schema.ts";
import { cutText } from "./page-budget.ts";

test("a text is cut to its budget, between characters, and says what is missing", () => {
  expect(cutText("abc", 3)).toEqual({ text: "abc", missingCount: 0 });
  expect(cutText("abcd", 3)).toEqual({ text: "abc", missingCount: 1 });
  expect(cutText("ab😀d", 3)).toEqual({ text: "ab", missingCount: 3 });
});

const answered = (attempt: number, text: string): LoggedAttempt => ({
  attempt,
  startedAt: new Date(0),
  url: null,
  statusCode: 500,
  phases: [],
  outcome: "failed",
  reason: "error_status_code",
  detail: "500",
  likelyCause: null,
  seen: null,
  responseHeaders: [],
  responseBody: {
    text,
    byteCount: text.length,
    packing: null,
    charset: { name: "utf-8", from: "valid", contradicts: null },
  },
});

test("the answers of many attempts share one budget, and the newest come first", () => {
  const history = [3, 2, 1].map((attempt) => answered(attempt, "x".repeat(10)));
  const shown = limitAnswers(history, (missing) => `${missing} more`, 15);
  expect(shown.map((attempt) => attempt.responseBody?.text)).toEqual([
    "x".repeat(10),
    `${"x".repeat(5)}\n5 more`,
    "10 more",
  ]);
});
