import { expect, test } from "vitest";
import { exportHeaders } from "./export-headers.ts";

test("the file's name tells the channel, the range in the zone of its times, and the rows", () => {
  const range = { from: new Date("2026-11-21T15:00Z"), to: new Date("2026-11-22T01:42Z") };
  const headers = exportHeaders({ channelId: "1657203944", ...range }, "Asia/Tokyo", {
    format: "tsv",
    rowCount: 505_641,
  });
  expect(headers["content-disposition"]).toBe(
    'attachment; filename="errors-1657203944-20261122T0000-20261122T1042-Asia-Tokyo-505641-rows.tsv"',
  );
  expect(headers["x-row-count"]).toBe("505641");
  expect(headers["content-type"]).toBe("text/tab-separated-values; charset=utf-8");
});
