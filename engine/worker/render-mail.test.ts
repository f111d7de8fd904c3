import { describe, test } from "vitest";
import type { NotificationContent } from "#lib/notifications/schema.ts";
import { errorDetails, errorReasons } from "#lib/webhook-errors/schema.ts";
import { createRenderNotification } from "./render-mail.ts";

const render = createRenderNotification("https://console.example.com");

const content: NotificationContent = {
  type: "error_detected",
  channelId: "1657203944",
  channelName: "Orders bot",
  reason: "error_status_code",
  detail: "500",
  statusCode: 500,
  errorCount: 64,
  detectedAt: new Date("2026-11-22T01:41:07Z"),
  closedAt: new Date("2026-11-22T01:46:07Z"),
  locale: "en",
  timeZone: "Asia/Tokyo",
};

const visible = (html: string) =>
  html
    .replace(/<style>[\s\S]*?<\/style>/g, "")
    .replace(/<[^>]+>/g, "\n")
    .replaceAll(/\s*\n\s*/g, "\n");

describe.for(["en", "ja"] as const)("a mail in %s", (locale) => {
  test("has the platform's six items, in HTML and in text", async ({ expect }) => {
    const { html, text } = await render({ ...content, locale });
    const items = [
      ["Channel ID", "1657203944"],
      ["Channel name", "Orders bot"],
      ["Reason for error", "error_status_code"],
      ["Detail for error", "500"],
      ["Error count", "64"],
      ["Time detected", "2026-11-22 10:41:07 UTC+9"],
    ];
    expect(text).toContain(items.map(([label, value]) => `${label}: ${value}`).join("\n"));
    for (const [label, value] of items) {
      expect(visible(html)).toMatch(
        new RegExp(`\\n${label}\\n(●\\n)?${value?.replace("+", "\\+")}\\n`),
      );
    }
  });

  test("links to the Errors view of its stretch of time and status code", async ({ expect }) => {
    const { html, text } = await render({ ...content, locale });
    const url =
      "https://console.example.com/console/channel/1657203944/statistics/errors?from=2026-11-22T01%3A41Z&to=2026-11-22T01%3A47Z&status=500";
    expect(text).toContain(url);
    expect(html).toContain(`href="${url.replaceAll("&", "&amp;")}"`);
  });

  test("says what happened, why and what to check, for every reason and detail and both types", async ({
    expect,
  }) => {
    for (const reason of errorReasons) {
      const details = reason === "error_status_code" ? ["302", "404", "599"] : errorDetails[reason];
      for (const detail of details) {
        for (const type of ["error_detected", "redelivery_stopped"] as const) {
          const { html, text } = await render({ ...content, locale, type, reason, detail });
          expect(text.split("\n\n").length).toBe(8);
          // A message that is missing is rendered as its key.
          expect(text).not.toMatch(/(explanations|mails)\./);
          expect(html).toContain(`class="mark-${reason}"`);
        }
      }
    }
  });
});

test("the two types say different things", async ({ expect }) => {
  const detected = await render(content);
  const stopped = await render({ ...content, type: "redelivery_stopped" });
  expect(detected.text).toContain("Your bot server did not accept a webhook");
  expect(stopped.text).toContain("Webhook redelivery has stopped");
});

test("markup in a channel's name stays text", async ({ expect }) => {
  const channelName = `<img src=x onerror=alert(1)> "&' {name} <script>`;
  const { html, text } = await render({ ...content, channelName });
  expect(html).not.toContain("<img");
  expect(html).not.toContain("<script");
  expect(text).toContain(`Channel name: ${channelName}`);
});

test("a short window is said in seconds, and a zone that is unknown here falls back to UTC", async ({
  expect,
}) => {
  const closedAt = new Date(content.detectedAt.getTime() + 20_000);
  const { text } = await render({ ...content, closedAt, timeZone: "Moon/Crater" });
  expect(text).toContain("covers 20 seconds from");
  expect(text).toContain("Time detected: 2026-11-22 01:41:07 UTC\n");
});
