import { expect, test } from "vitest";
import { parseEvents } from "#lib/queue/intake-body.ts";
import { sampleEvent } from "./sample-events.ts";
import { sampleEventTypes } from "./schema.ts";

const now = new Date("2026-11-28T10:00:00.123Z");

test.each(sampleEventTypes)(
  "%s is an event that the intake takes, of the platform's shape",
  (type) => {
    const event = sampleEvent(type, now);
    expect(parseEvents(JSON.stringify([event]))).toEqual([JSON.stringify(event)]);
    expect(event).toMatchObject({
      mode: "active",
      timestamp: now.getTime(),
      deliveryContext: { isRedelivery: false },
      source: { userId: `U${"0".repeat(32)}` },
    });
  },
);
