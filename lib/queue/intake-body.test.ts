import { expect, test } from "vitest";
import { AppError, type AppErrorDetail } from "#lib/app-error.ts";
import { parseEvents, readIntakeBody } from "./intake-body.ts";

const refusal = (read: () => unknown): readonly AppErrorDetail[] => {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof AppError) return error.details;
    throw error;
  }
};
const details = (body: unknown): string[] =>
  refusal(() => parseEvents(readIntakeBody(JSON.stringify(body), ["events"]).events)).map(
    (detail) => detail.property,
  );

test("a body without events, with none or with more than 100 is refused by name", () => {
  expect(details(null)).toEqual(["events"]);
  expect(details({ events: {} })).toEqual(["events"]);
  expect(details({ events: [] })).toEqual(["events"]);
  expect(details({ events: Array.from({ length: 101 }, () => ({ type: "follow" })) })).toEqual([
    "events",
  ]);
  expect(details({ events: Array.from({ length: 100 }, () => ({ type: "follow" })) })).toEqual([]);
});

test("each wrong property of each event is named", () => {
  const events = [
    { type: "follow" },
    {},
    { type: "" },
    7,
    { type: "x", webhookEventId: "no", timestamp: -1 },
    { type: 7, webhookEventId: null, timestamp: "0" },
    { type: "x", deliveryContext: null },
    { type: "x", timestamp: Number.MAX_SAFE_INTEGER + 1 },
  ];
  expect(details({ events })).toEqual([
    "events[1].type",
    "events[2].type",
    "events[3]",
    "events[4].webhookEventId",
    "events[4].timestamp",
    "events[5].type",
    "events[5].webhookEventId",
    "events[5].timestamp",
    "events[6].deliveryContext",
    "events[7].timestamp",
  ]);
});

test.each(["1e3", "1000.0", "-0", "9007199254740992", "10000000000000000"])(
  "a timestamp that bots could not read into an integer is refused: %s",
  (timestamp) => {
    expect(refusal(() => parseEvents(`[{"type":"x","timestamp":${timestamp}}]`))).toEqual([
      {
        message: "must be a Unix time in milliseconds, in digits",
        property: "events[0].timestamp",
      },
    ]);
  },
);

test("properties are found by name whatever escapes, blanks and byte order they are written with", () => {
  const text = String.raw`  { "\u0065vents" : [ 1 ] , "other":{"channelId":1},"channelId" :"C" } `;
  expect(readIntakeBody(text, ["channelId", "events", "idempotencyKey"])).toEqual({
    channelId: '"C"',
    events: "[ 1 ]",
  });
});
