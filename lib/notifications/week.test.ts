import { expect, test } from "vitest";
import { weekDue } from "./week.ts";

test("a week's digest is due on the Monday after it at 9:00 by the zone's clock", () => {
  const before = weekDue(new Date("2026-11-22T23:59:00Z"), "Asia/Tokyo");
  expect([before.fromDay, before.toDay]).toEqual(["2026-11-09", "2026-11-15"]);
  const due = weekDue(new Date("2026-11-23T00:00:00Z"), "Asia/Tokyo");
  expect(due).toMatchObject({
    fromDay: "2026-11-16",
    toDay: "2026-11-22",
    from: new Date("2026-11-15T15:00:00Z"),
    to: new Date("2026-11-22T15:00:00Z"),
    dueAt: new Date("2026-11-23T00:00:00Z"),
  });
});

test("a week in which the clocks change is an hour longer", () => {
  const { from, to } = weekDue(new Date("2026-10-26T12:00:00Z"), "Europe/Berlin");
  expect(to.getTime() - from.getTime()).toBe((7 * 24 + 1) * 3_600_000);
});
