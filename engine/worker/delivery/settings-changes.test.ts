import { expect, test } from "vitest";
import { lanes } from "#lib/queue/claim.ts";
import { createSettingsChanges, readSettingsChange } from "./settings-changes.ts";

function open() {
  let clock = 0;
  const changes = createSettingsChanges(() => clock);
  return { changes, at: (time: number) => (clock = time) };
}
const first = { channelId: "1", lane: lanes.first };
const redelivery = { channelId: "1", lane: lanes.redelivery };

test("what was claimed after the change is sent, what was claimed before is claimed again", () => {
  const { changes, at } = open();
  expect(changes.verdict(first, 0)).toBe("send");
  at(10);
  changes.note(readSettingsChange("1"));
  expect(changes.verdict(first, 10)).toBe("claim again");
  expect(changes.verdict(redelivery, 9)).toBe("claim again");
  expect(changes.verdict(first, 11)).toBe("send");
  expect(changes.verdict({ ...first, channelId: "2" }, 0)).toBe("send");
});

test("redeliveries in hand end when Webhook redelivery is turned off, also if something else changes after that", () => {
  const { changes, at } = open();
  at(10);
  changes.note(readSettingsChange("1 off"));
  at(12);
  changes.note(readSettingsChange("1"));
  expect(changes.verdict(redelivery, 9)).toBe("end");
  expect(changes.verdict(first, 9)).toBe("claim again");
  expect(changes.verdict(redelivery, 11)).toBe("claim again");
});

test("after a time without word every channel may have changed", () => {
  const { changes, at } = open();
  at(10);
  changes.note({ channelId: null, endsRedeliveries: false });
  expect(changes.verdict(first, 10)).toBe("claim again");
  expect(changes.verdict(first, 11)).toBe("send");
});

test("memory stays bounded: beyond its limit every channel counts as changed", () => {
  const { changes, at } = open();
  at(10);
  for (let id = 0; id < 10_001; id += 1) changes.note(readSettingsChange(`c${id}`));
  expect(changes.verdict(first, 10)).toBe("claim again");
});
