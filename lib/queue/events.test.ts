import fc from "fast-check";
import { expect, test } from "vitest";
import { anyJson } from "#testing/json-factory.ts";
import { composeBody, markRedelivery } from "./events.ts";
import { parseEvents, readIntakeBody } from "./intake-body.ts";

const at = new Date("2026-11-22T10:41:07.112Z");
const isOurs = (name: string): boolean =>
  ["type", "webhookEventId", "deliveryContext", "timestamp", "mode"].includes(name);

/** What stays of an event when everything is taken out that we add or set. */
const withoutOurs = (text: string): string =>
  text
    .replaceAll(/,"webhookEventId":"[0-9A-HJKMNP-TV-Z]{26}"/g, "")
    .replaceAll(',"deliveryContext":{"isRedelivery":false}', "")
    .replaceAll(`,"timestamp":${at.getTime()}`, "")
    .replaceAll(',"mode":"active"', "");

test("what an event lacks of the required properties is added, what it has is kept", () => {
  const event =
    '{"type":"message","message":{"text":"🤨"},"mode":"standby","deliveryContext":{"a":1}}';
  const body = JSON.parse(composeBody("U0", [event], at));
  expect(body.events[0]).toMatchObject({
    type: "message",
    message: { text: "🤨" },
    mode: "standby",
    timestamp: at.getTime(),
    deliveryContext: { isRedelivery: false, a: 1 },
  });
  expect(body.events[0].webhookEventId).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
});

/** Events with any JSON in any spelling, under names that are not ours. */
const someEvents = fc.array(
  fc
    .array(fc.tuple(fc.string({ unit: "binary" }), anyJson))
    .map((members) => members.filter(([name]) => !isOurs(name)))
    .map((members) => {
      const written = members.map(([name, value]) => `${JSON.stringify(name)}: ${value}`);
      return `{${['\t"type":"x"', ...written].join(" ,")}\n}`;
    }),
  { minLength: 1, maxLength: 5 },
);

test("any events that intake takes arrive as they were written, but for what they lack", () => {
  fc.assert(
    fc.property(someEvents, (events) => {
      const text = ` {"a":[], "events":[ ${events.join(" ,\n")}] }`;
      const taken = parseEvents(readIntakeBody(text, ["events"]).events);
      expect(taken).toEqual(events);
      expect(withoutOurs(composeBody("U0", taken, at))).toBe(
        `{"destination":"U0","events":[${events.join(",")}]}`,
      );
    }),
  );
});

test("a redelivery differs from the first delivery in isRedelivery alone, whatever the events hold", () => {
  const contexts = fc.array(fc.tuple(fc.string({ unit: "binary" }), anyJson));
  fc.assert(
    fc.property(someEvents, contexts, (events, members) => {
      const context = members
        .filter(([name]) => name !== "isRedelivery")
        .map(([name, value]) => `,${JSON.stringify(name)}:${value}`)
        .join("");
      const marked = events.map((event, index) =>
        index % 2 === 0
          ? event
          : `{"deliveryContext":{"isRedelivery":null${context}},${event.slice(1)}`,
      );
      const first = composeBody("U0", parseEvents(`[${marked}]`), at);
      const own = '"deliveryContext":{"isRedelivery":';
      const again = markRedelivery(first);
      expect(JSON.parse(again).events).toHaveLength(events.length);
      expect(again.split(`${own}true`).length - first.split(`${own}true`).length).toBe(
        events.length,
      );
      expect(again.replaceAll(`${own}true`, `${own}false`)).toBe(
        first.replaceAll(`${own}true`, `${own}false`),
      );
      expect(markRedelivery(again)).toBe(again);
    }),
  );
});

test("bodies of versions before are marked as well, however deep they are nested", () => {
  for (const levels of [1, 4_100, 100_000]) {
    const event = `{"type":"x","deep":${"[".repeat(levels)}{"deliveryContext":{"isRedelivery":false}}${"]".repeat(levels)},"deliveryContext":{"isRedelivery":`;
    const body = (is: boolean) => `{"destination":"U0","events":[${event}${is}},"mode":"active"}]}`;
    expect(markRedelivery(body(false))).toBe(body(true));
  }
});

test("a body without events comes back as it is", () => {
  for (const body of ["{}", "[]", '{"events":[]}', '{"events":[1,{"deliveryContext":1}]}']) {
    expect(markRedelivery(body)).toBe(body);
  }
});
