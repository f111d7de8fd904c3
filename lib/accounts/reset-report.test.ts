import { expect, test } from "vitest";
import { readReport, reportQuery } from "./reset-report.ts";

test("the page after a new password is told what ended and what stays, without an address that anybody typed", () => {
  const query = reportQuery({
    ended: [
      { what: "provider", detail: "github" },
      { what: "email_change", detail: "thief@example.com" },
    ],
    kept: [{ what: "second_factor" }, { what: "provider", detail: "oidc" }],
  });
  expect(query).not.toContain("thief");
  const search = new URLSearchParams(query);
  const read = readReport({ ended: search.getAll("ended"), kept: search.getAll("kept") });
  expect(read).toEqual({ ended: ["email_change", "github"], kept: ["second_factor", "oidc"] });
});

test("words that somebody made up are passed over", () => {
  expect(readReport({ ended: ["<b>", "github", "toString"], kept: "sessions" })).toEqual({
    ended: ["github"],
    kept: [],
  });
  expect(readReport({})).toEqual({ ended: [], kept: [] });
});
