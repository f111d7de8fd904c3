import { NextIntlClientProvider } from "next-intl";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import en from "#lib/messages/en/operations.json" with { type: "json" };
import ja from "#lib/messages/ja/operations.json" with { type: "json" };
import { ClocksCallout } from "./clocks-callout.tsx";

const dayMs = 86_400_000;
const clocks = [
  { part: "engine worker", host: "one", offsetMs: 40 * dayMs },
  { part: "engine api", host: "two", offsetMs: -90 * 60_000 },
  { part: "console", host: "three", offsetMs: -45_000 },
];

function show(locale: "en" | "ja", operations: typeof en | typeof ja): string {
  const notice = createElement(ClocksCallout, { clocks });
  const context = { locale, messages: { operations }, timeZone: "UTC", children: notice };
  return renderToStaticMarkup(createElement(NextIntlClientProvider, context));
}

test("operators are told which machine's clock is wrong, how far and which way, in their language", () => {
  const english = show("en", en);
  expect(english).toContain("engine worker on one is 40 days ahead of the database.");
  expect(english).toContain("engine api on two is 90 minutes behind the database.");
  expect(english).toContain("console on three is 45 seconds behind the database.");
  const japanese = show("ja", ja);
  expect(japanese).toContain("oneのengine workerは、データベースより40日進んでいます。");
  expect(japanese).toContain("twoのengine apiは、データベースより90分遅れています。");
  expect(japanese).toContain("threeのconsoleは、データベースより45秒遅れています。");
});
