import fc from "fast-check";
import { expect, test } from "vitest";
import { AppError } from "#lib/app-error.ts";
import { composeBody, markRedelivery, parseEvents } from "./events.ts";

const at = new Date("2026-11-22T10:41:07.112Z");
const details = (body: unknown): string[] => {
  try {
    parseEvents(body);
    return [];
  } catch (error) {
    if (error instanceof AppError) return error.details.map((detail) => detail.property);
    throw error;
  }
};

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
  ];
  expect(details({ events })).toEqual([
    "events[1].type",
    "events[2].type",
    "events[3]",
    "events[4].webhookEventId",
    "events[4].timestamp",
  ]);
});

test("what an event lacks of the required properties is added, what it has is kept", () => {
  const body = JSON.parse(
    composeBody(
      "U0",
      [{ type: "message", message: { text: "🤨" }, mode: "standby", deliveryContext: 1 }],
      at,
    ),
  );
  expect(body.events[0]).toMatchObject({
    type: "message",
    message: { text: "🤨" },
    mode: "standby",
    timestamp: at.getTime(),
    deliveryContext: { isRedelivery: false },
  });
  expect(body.events[0].webhookEventId).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
});

test("a redelivery differs from the first delivery in isRedelivery alone, whatever the event holds", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (extra, text) => {
      const first = composeBody("U0", [{ ...extra, type: "message", text }], at);
      const again = markRedelivery(first);
      const place = '"deliveryContext":{"isRedelivery":';
      return (
        again === first.replace(`${place}false}`, `${place}true}`) ||
        extra.deliveryContext !== undefined
      );
    }),
  );
});
