import { expect, test } from "vitest";
import en from "#lib/messages/en/explanations.json" with { type: "json" };
import ja from "#lib/messages/ja/explanations.json" with { type: "json" };
import { type ErrorReason, errorDetails } from "#lib/transport/error-class.ts";
import { explanationKey } from "./explain.ts";

const documented = Object.entries(errorDetails).flatMap(([reason, details]) =>
  details.map((detail) => [reason as ErrorReason, detail] as const),
);

test("each documented detail has an explanation of its own", () => {
  const keys = documented.map(([reason, detail]) => explanationKey(reason, detail));
  expect(new Set(keys).size).toBe(documented.length);
});

test("every status code is explained in both languages", () => {
  for (let code = 100; code <= 999; code += 1) {
    const key = explanationKey("error_status_code", String(code));
    expect(en[key].happened).not.toBe("");
    expect(ja[key].happened).not.toBe("");
  }
});

test("a detail that is not documented is explained as unclassified", () => {
  expect(explanationKey("could_not_connect", "constructor")).toBe("unclassified");
  expect(explanationKey("could_not_connect", "something new")).toBe("unclassified");
});
