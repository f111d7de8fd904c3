import { describe, expect, test } from "vitest";
import { ChannelQuietHoursForm, OwnQuietHoursForm } from "./form.ts";

const filled = { quiet: "on", from: "22:00", to: "07:00", weekday1: "on", outages: "on" };

const refusals = (fields: object) =>
  OwnQuietHoursForm.safeParse(fields).error?.issues.map(({ path, message }) => [path[0], message]);

test("a form says hours of a day, weekdays, and whether outages come", () => {
  expect(OwnQuietHoursForm.parse(filled)).toEqual({
    hours: { beginsAt: 1_320, endsAt: 420, weekdays: [1], outagesCome: true },
  });
  const all = { ...filled, weekday7: "on", outages: undefined };
  expect(OwnQuietHoursForm.parse(all).hours).toMatchObject({
    ...{ weekdays: [1, 7], outagesCome: false },
  });
});

test("hours that are off need nothing else to be right", () => {
  expect(OwnQuietHoursForm.parse({ from: "9", to: "9" })).toEqual({ hours: null });
});

describe("is refused, at its field:", () => {
  test.each([
    ["hours that end when they begin", { to: "22:00" }, ["to", "same_clock"]],
    ["no beginning", { from: "" }, ["from", "required"]],
    ["what is no time", { to: "25:00" }, ["to", "clock"]],
    ["no day", { weekday1: undefined }, ["weekday1", "no_weekday"]],
  ])("%s", (_, change, refusal) => {
    expect(refusals({ ...filled, ...change })).toEqual([refusal]);
  });
});

test("a channel's hours are in a zone that is one", () => {
  const form = { ...filled, channelId: "1", timeZone: "asia/tokyo" };
  expect(ChannelQuietHoursForm.parse(form).hours).toMatchObject({ timeZone: "Asia/Tokyo" });
  const wrong = ChannelQuietHoursForm.safeParse({ ...form, timeZone: "Mars/Base" });
  expect(wrong.error?.issues).toMatchObject([{ path: ["timeZone"], message: "time_zone" }]);
});
