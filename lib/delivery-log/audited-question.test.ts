import { expect, test } from "vitest";
import { auditedErrors } from "#lib/webhook-errors/audited-question.ts";
import type { ErrorQuestion } from "#lib/webhook-errors/question.ts";
import { auditedQuestion } from "./audited-question.ts";
import { anyOutcome, type LogQuestion } from "./schema.ts";

const stretch = { from: new Date("2026-11-22T00:00Z"), to: new Date("2026-11-23T00:00Z") };
const named = { from: "2026-11-22T00:00:00.000Z", to: "2026-11-23T00:00:00.000Z" };

const all: Required<LogQuestion> = {
  ...{ channelId: "1", ...stretch },
  states: ["failed", "stopped"],
  ...{ eventType: "message", eventId: "01JD8P7QZ0ABCDEFGHJKMNPQRS", doubtful: true },
  ended: stretch,
  job: { id: "0198a1b2-0000-7000-8000-000000000001", came: "failed" },
  outcome: {
    ...{ reason: "error_status_code", status: { from: 500, to: 599 }, likelyCause: "maintenance" },
    ...{ answerFromMs: 0, answerToMs: 2_000 },
  },
  sourceId: "C0123456789abcdef0123456789abcdef",
};

test("each filter of the log that was set stands in the entry", () => {
  expect(auditedQuestion(all)).toEqual({
    ...named,
    states: ["failed", "stopped"],
    ...{ eventType: "message", eventId: "01JD8P7QZ0ABCDEFGHJKMNPQRS", doubtful: true },
    ...{ endedFrom: named.from, endedTo: named.to },
    ...{ ofJob: "0198a1b2-0000-7000-8000-000000000001", cameTo: "failed" },
    ...{ reason: "error_status_code", statusCode: "5xx", likelyCause: "maintenance" },
    ...{ answerFromMs: 0, answerToMs: 2_000 },
    sourceId: "C0123456789abcdef0123456789abcdef",
  });
});

test("a filter that was not set does not", () => {
  const none = { states: null, eventType: null, eventId: null, doubtful: false };
  expect(auditedQuestion({ channelId: "1", ...stretch, ...none })).toEqual(named);
  const absent = { ended: null, job: null, outcome: anyOutcome, sourceId: null };
  expect(auditedQuestion({ channelId: "1", ...stretch, ...none, ...absent })).toEqual(named);
});

test("each filter of the errors that was set stands in the entry, and no other", () => {
  const asked: ErrorQuestion = {
    ...{ channelId: "1", ...stretch },
    ...{ reason: "error_status_code", detail: "503", status: { from: 503, to: 503 } },
    attempt: "first",
  };
  const set = { reason: "error_status_code", detail: "503", statusCode: "503", attempt: "first" };
  expect(auditedErrors(asked)).toEqual({ ...named, ...set });
  const none = { reason: null, detail: null, status: null, attempt: null };
  expect(auditedErrors({ channelId: "1", ...stretch, ...none })).toEqual(named);
});
